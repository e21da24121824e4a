import type { Movement } from "../identity/index.ts";
import { percent } from "../run/index.ts";
import { counted } from "./output.ts";

/** What a resolution moved, for people. */
export function movementText({ moved, of, jitter }: Movement): string {
  return `${moved.toLocaleString("en")} of the ${counted(of, "record")} that had a profile before moved to another one (jitter ${percent(jitter)})`;
}
