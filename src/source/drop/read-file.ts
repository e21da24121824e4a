import { messageOf, OneCopyError } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";

/** A full disk or memory, or a statement that is wrong, would say the same of every file: that is no fault of this one. */
const faultOfTheMachine =
  /^(?:Binder|Parser|Catalog|INTERNAL) Error|out of memory|no space left|failed to allocate|could not write|temp_directory|too many open/i;

/** Runs a statement that reads a drop file; what is wrong with the file fails with `source.unreadable`. */
export async function readFileInto(session: Session, sql: string): Promise<void> {
  try {
    await session.run(sql);
  } catch (cause) {
    if (
      !(cause instanceof OneCopyError) ||
      cause.code !== "engine.query_failed" ||
      faultOfTheMachine.test(cause.message)
    )
      throw cause;
    throw new OneCopyError("source.unreadable", messageOf(cause).split("\n")[0]!, { cause });
  }
}
