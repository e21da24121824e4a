import { access, constants } from "node:fs/promises";
import { OneCopyError } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";
import { stageCsv } from "./csv.ts";
import type { DropFile } from "./glob.ts";
import { stageJson } from "./json-lines.ts";
import { stageParquet } from "./parquet.ts";
import type { Stage } from "./stage.ts";

const stageByEnding: readonly (readonly [RegExp, (session: Session, path: string) => Promise<Stage>])[] = [
  [/\.(?:csv|tsv|txt)(?:\.gz)?$/i, stageCsv],
  [/\.(?:jsonl|ndjson|json)(?:\.gz)?$/i, stageJson],
  [/\.(?:parquet|parq|pq)$/i, stageParquet],
];

export interface Unreadable {
  /** Why, in plain words. */
  readonly unreadable: string;
}

/** {@link openDrop} for a file that belongs to no drop. */
export function stageFile(session: Session, absolutePath: string): Promise<Stage | Unreadable> {
  return openDrop(session, { path: absolutePath, absolutePath });
}

/**
 * Stages a file by its ending. `unreadable`: the file, and not the machine, is at fault, so that other files can go on.
 * Fails as the engine does, where it is the machine's fault: no memory, no disk left.
 */
export async function openDrop(
  session: Session,
  file: Pick<DropFile, "path" | "absolutePath">,
): Promise<Stage | Unreadable> {
  const stage = stageByEnding.find(([ending]) => ending.test(file.path))?.[1];
  if (stage === undefined)
    return {
      unreadable:
        "the file's ending is none of .csv, .tsv, .txt, .jsonl, .ndjson, .json (also with .gz), .parquet",
    };
  try {
    await access(file.absolutePath, constants.R_OK);
    return await stage(session, file.absolutePath);
  } catch (cause) {
    const reason = reasonOf(cause);
    if (reason === undefined) throw cause;
    return { unreadable: reason };
  }
}

function reasonOf(cause: unknown): string | undefined {
  const errno = (cause as NodeJS.ErrnoException).code;
  if (errno === "EACCES" || errno === "EPERM") return "there is no permission to read the file";
  if (errno === "ENOENT") return "the file is gone";
  if (errno === "EIO") return "the disk cannot read the file";
  return cause instanceof OneCopyError && cause.code.startsWith("source.") ? cause.message : undefined;
}
