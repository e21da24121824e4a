import type { TableAccess } from "../access.ts";
import { isDoubtful } from "../commit/put-commit.ts";
import { keyIn } from "../path.ts";
import type { CommitOutcome } from "../snapshot.ts";

/** Commits files that were written for it; those of a commit that came to nothing are deleted. */
export async function withWrittenFiles(
  table: TableAccess,
  paths: readonly string[],
  work: () => Promise<CommitOutcome>,
): Promise<CommitOutcome> {
  try {
    const outcome = await work();
    if (outcome.kind !== "committed") await discard(table, paths);
    return outcome;
  } catch (error) {
    // After the put of a commit whose end is not known, the files may be in the table.
    if (!isDoubtful(error)) await discard(table, paths);
    throw error;
  }
}

async function discard({ store, folder }: TableAccess, paths: readonly string[]): Promise<void> {
  for (const path of paths) await store.delete(keyIn(folder, path)).catch(() => undefined);
}
