import type { Store } from "../../storage/index.ts";
import { elsewhere } from "../elsewhere.ts";
import { type FileSet, fileSet } from "../file-set.ts";
import type { FileChanges } from "../packed/changes.ts";
import { type CheckpointFilesSource, type CheckpointHead, readCheckpointFiles } from "./checkpoint.ts";

type Files = () => Promise<FileSet>;

/** From where the files of a version can be had: a set that is there, or a checkpoint; and what has changed since. */
interface Origin {
  from: FileSet | CheckpointFilesSource | undefined;
  changes: readonly FileChanges[];
}

/** So that a state holds no state before it: one that nobody asked for its files passes on where they come from. */
const origins = new WeakMap<Files, Origin>();

/** The files of `base`, or of the checkpoint, with the changes since: loaded at the first call. */
export function filesAt(
  store: Store,
  checkpoint: CheckpointHead | undefined,
  base: Files | undefined,
  changes: FileChanges,
): Files {
  const before = base === undefined ? undefined : origins.get(base);
  const origin: Origin = {
    from:
      before === undefined
        ? checkpoint && {
            checkpoint: checkpoint.checkpoint,
            sidecars: checkpoint.sidecars,
            outside: elsewhere(store, checkpoint.metaData?.configuration ?? {}),
          }
        : before.from,
    changes: [...(before?.changes ?? []), changes],
  };
  let loading: Promise<FileSet> | undefined;
  const load = async (): Promise<FileSet> => {
    const { from } = origin;
    const start =
      from === undefined ? fileSet([]) : "count" in from ? from : await readCheckpointFiles(store, from);
    const loaded = start.changed(origin.changes);
    [origin.from, origin.changes] = [loaded, []];
    return loaded;
  };
  const files: Files = async () => {
    loading ??= load();
    try {
      return await loading;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  };
  origins.set(files, origin);
  return files;
}
