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

export function filesSource(
  store: Store,
  { checkpoint, sidecars, metaData }: CheckpointHead,
): CheckpointFilesSource {
  return { checkpoint, sidecars, outside: elsewhere(store, metaData?.configuration ?? {}) };
}

/**
 * The files of `base`, or of the checkpoint, with the changes since: loaded at the first call. `loading`: those of
 * the checkpoint, when they are being read already.
 */
export function filesAt(
  store: Store,
  base: Files | undefined,
  checkpoint: CheckpointHead | undefined,
  loading: Promise<FileSet> | undefined,
  changes: readonly FileChanges[],
): Files {
  const before = base === undefined ? undefined : origins.get(base);
  const origin: Origin = {
    from: before === undefined ? checkpoint && filesSource(store, checkpoint) : before.from,
    changes: [...(before?.changes ?? []), ...changes],
  };
  const load = async (): Promise<FileSet> => {
    const { from } = origin;
    const start =
      from === undefined
        ? fileSet([])
        : "count" in from
          ? from
          : await (loading ?? readCheckpointFiles(store, from));
    const loaded = start.changed(origin.changes);
    [origin.from, origin.changes] = [loaded, []];
    return loaded;
  };
  let loaded: Promise<FileSet> | undefined;
  const files: Files = async () => {
    loaded ??= load();
    try {
      return await loaded;
    } catch (error) {
      [loaded, loading] = [undefined, undefined];
      throw error;
    }
  };
  origins.set(files, origin);
  return files;
}
