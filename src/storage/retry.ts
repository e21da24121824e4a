import { setTimeout as sleep } from "node:timers/promises";

/** How often a request is sent that may be repeated. */
export const mostAttempts = 7;
const baseMs = 100;
const longestMs = 5_000;

/** Waits before attempt `attempt` (from 1): between nothing and twice as long as the last time, so that many clients do not come back together. */
export async function backOff(attempt: number, atLeastMs = 0): Promise<void> {
  const mostMs = Math.min(longestMs, baseMs * 2 ** attempt);
  await sleep(Math.min(longestMs, Math.max(atLeastMs, Math.random() * mostMs)));
}
