import { OneCopyError } from "../../base/index.ts";

/** What stands where rows are marked as deleted is not what the format says. `where` names the file. */
export function damaged(where: string, what: string): OneCopyError {
  return new OneCopyError("table.deletion_vector_damaged", `${where}: ${what}`, {
    remedy:
      "Read an older version of the table, or restore the file: without it nobody can say which rows are deleted.",
  });
}
