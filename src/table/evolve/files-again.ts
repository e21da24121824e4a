import { OneCopyError } from "../../base/index.ts";
import type { TableAccess } from "../access.ts";
import type { AddedFile, TableMeta } from "../commit/change.ts";
import { readCommits } from "../delta/read-commits.ts";
import type { LogState } from "../delta/replay.ts";
import { statsFromDelta } from "../delta/stats.ts";
import { type WrittenDeletionVector, readDeletionVector, writeDeletionVector } from "../deletion/index.ts";
import { decodePath, icebergLocation, keyIn } from "../path.ts";
import { countRows } from "../parquet/footer.ts";
import type { DataFile } from "../snapshot.ts";

const atOnce = 16;

/**
 * Files that a version of `from` has, as they come into a table again (perhaps another one): with their
 * statistics, and their deleted rows in a vector of its own. `keys`: of what was written for it.
 */
export async function filesAgain(
  from: TableAccess,
  intoFolder: string,
  files: readonly DataFile[],
  { schema }: TableMeta,
  pathFor: (path: string) => string,
): Promise<{ adds: AddedFile[]; keys: string[] }> {
  const { store, folder } = from;
  const keys: string[] = [];
  const again = async (file: DataFile): Promise<AddedFile> => {
    const key = keyIn(folder, file.path);
    const { partitionValues, tags, sizeBytes } = file;
    const statistics = statsFromDelta(file.stats, schema) ?? {
      rows: await countRows(store, key),
      columns: new Map(),
    };
    let vector: WrittenDeletionVector | undefined;
    if (file.deletionVector !== undefined) {
      const rows = await readDeletionVector(store, folder, file.deletionVector);
      try {
        vector = await writeDeletionVector(store, intoFolder, icebergLocation(store, key), rows);
        keys.push(...vector.keys);
      } finally {
        rows.dispose();
      }
    }
    return { path: pathFor(file.path), sizeBytes, statistics, partitionValues, tags, vector };
  };
  const adds: AddedFile[] = [];
  try {
    for (let i = 0; i < files.length; i += atOnce)
      adds.push(...(await Promise.all(files.slice(i, i + atOnce).map(again))));
    return { adds, keys };
  } catch (error) {
    for (const key of keys) await store.delete(key).catch(() => undefined);
    throw error;
  }
}

/** Fails with `table.files_gone`, which says how many, and in which version they left the table. */
export async function refuseGone(
  { store, folder }: TableAccess,
  then: LogState,
  now: LogState,
  files: readonly DataFile[],
): Promise<void> {
  const gone: string[] = [];
  for (let i = 0; i < files.length; i += atOnce) {
    const batch = files.slice(i, i + atOnce);
    const heads = await Promise.all(batch.map(async ({ path }) => await store.head(keyIn(folder, path))));
    gone.push(...batch.filter((_, j) => heads[j]!.kind === "absent").map(({ path }) => path));
  }
  if (gone.length === 0) return;
  const since = await leftIn(store, folder, then, now, new Set(gone));
  throw new OneCopyError(
    "table.files_gone",
    `${gone.length} of the ${files.length} files that version ${then.version} of ${folder} needs are gone, ${gone[0]} among them; ${since}.`,
    { remedy: "They were vacuumed or purged. Take a younger version, or a backup of the lake." },
  );
}

async function leftIn(
  store: TableAccess["store"],
  folder: string,
  then: LogState,
  now: LogState,
  paths: ReadonlySet<string>,
): Promise<string> {
  const inFolder = (path: string): string => {
    try {
      return decodePath(path);
    } catch {
      return "";
    }
  };
  for (const { version, actions } of await readCommits(store, folder, then.version + 1, now.version))
    if (actions.removes.some(({ path }) => paths.has(inFolder(path)))) {
      const at = actions.commitInfo?.timestamp;
      return `they left the table from version ${version}${at === undefined ? "" : ` (${new Date(at).toISOString()})`} on`;
    }
  return "the log no longer says when they left the table";
}
