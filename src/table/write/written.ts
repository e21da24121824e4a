import type { TableAccess } from "../access.ts";
import { isDoubtful } from "../commit/put-commit.ts";
import { keyIn } from "../path.ts";
import type { CommitOutcome } from "../snapshot.ts";

/** Commits data files (paths in the table's folder) that were written for it; those of a commit that came to nothing are deleted. */
export async function withWrittenFiles(
  table: TableAccess,
  paths: readonly string[],
  work: () => Promise<CommitOutcome>,
): Promise<CommitOutcome> {
  return await withWritten(
    table,
    paths.map((path) => keyIn(table.folder, path)),
    work,
  );
}

/** The same for any objects, by their keys: those of a commit that came to nothing are deleted. */
export async function withWritten(
  { store }: TableAccess,
  keys: readonly string[],
  work: () => Promise<CommitOutcome>,
): Promise<CommitOutcome> {
  const discard = async (): Promise<void> => {
    for (const key of keys) await store.delete(key).catch(() => undefined);
  };
  try {
    const outcome = await work();
    if (outcome.kind !== "committed") await discard();
    return outcome;
  } catch (error) {
    // After the put of a commit whose end is not known, the objects may be in the table.
    if (!isDoubtful(error)) await discard();
    throw error;
  }
}
