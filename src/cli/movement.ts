import type { Movement } from "../identity/index.ts";
import { percent } from "../run/index.ts";

/** What a resolution moved, for people. */
export function movementText({ moved, of, jitter }: Movement): string {
  return `${moved} of the ${of} records that were there before moved to another profile (jitter ${percent(jitter)})`;
}
