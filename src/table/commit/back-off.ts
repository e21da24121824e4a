const shortestMs = 10;
const longestMs = 400;
const turns = 6;

/**
 * Waits a random while after the `attempt`-th lost race (from 0): longer at first, so that many writers spread out, then
 * shorter again, so that who has lost often comes before who has just begun.
 */
export async function backOff(attempt: number): Promise<void> {
  const span =
    attempt <= turns
      ? Math.min(longestMs, shortestMs * 2 ** attempt)
      : Math.max(shortestMs, longestMs / 2 ** (attempt - turns));
  await new Promise((resolve) => setTimeout(resolve, Math.random() * span));
}
