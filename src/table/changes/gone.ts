import { OneCopyError } from "../../base/index.ts";

/** An error of reading a version, for whom its changes were wanted: `table.changes_gone` when it is not kept any more. */
export function changesGone(folder: string, version: number, cause: unknown): unknown {
  const known = cause instanceof OneCopyError && /^table\.(version_not_found|log_damaged)$/.test(cause.code);
  if (!known) return cause;
  return new OneCopyError(
    "table.changes_gone",
    `The changes of ${folder} from version ${version} on are not known any more: its log was cleaned up.`,
    { cause, remedy: "Begin with all rows of a version that is kept, and ask for the changes after it." },
  );
}
