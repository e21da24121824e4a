import type { Session } from "../../engine/index.ts";
import type { TableAccess } from "../access.ts";
import { readsNothing } from "../commit/change.ts";
import { commit } from "../commit/commit.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { checkWritable } from "../delta/feature.ts";
import type { LogState } from "../delta/replay.ts";
import { copyToParquet } from "../parquet/copy.ts";
import { keyIn } from "../path.ts";
import { snapshotOf } from "../read.ts";
import { scan, tagFieldIds } from "../scan/index.ts";
import type { CommitOutcome, DataFile } from "../snapshot.ts";
import { layoutOf, targetFileBytes } from "../write/layout.ts";
import { withWritten } from "../write/written.ts";
import { type Bin, bins, ownTags } from "./bins.ts";

export interface CompactOptions {
  /** Fewer small files than this in one partition stay as they are; default 2. */
  readonly minFiles?: number | undefined;
  /** No further commit is begun after so long. */
  readonly patienceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CompactOutcome {
  /** The versions that were made. */
  readonly versions: readonly number[];
  readonly filesBefore: number;
  readonly filesAfter: number;
  /** Files that somebody else removed, or deleted rows in, meanwhile: they stayed as they are. */
  readonly givenUp: number;
  /** Out of patience: there is more to do. */
  readonly isDone: boolean;
}

const defaultTargetBytes = 128 * 2 ** 20;
/** One commit writes about so much again, so that little is lost when somebody else comes first. */
const bytesPerCommit = 2 ** 30;
const filesPerCommit = 2000;

/**
 * Writes small files, and files with many deleted rows, as fewer ones of about the target size, sorted as the table asks
 * for. No row changes. It reads nothing that others could change, so it excludes no append and is excluded by none.
 */
export async function compact(
  table: TableAccess,
  session: Session,
  { minFiles = 2, patienceMs = Infinity, signal }: CompactOptions = {},
): Promise<CompactOutcome> {
  const startedMs = performance.now();
  let base = await table.state();
  const versions: number[] = [];
  let [filesBefore, filesAfter, givenUp] = [0, 0, 0];
  checkWritable(table.folder, base.protocol, base.metaData);
  const todo = commitsOf(await binsAt(base, minFiles));
  for (const [i, some] of todo.entries()) {
    signal?.throwIfAborted();
    if (i > 0 && performance.now() - startedMs > patienceMs)
      return { versions, filesBefore, filesAfter, givenUp, isDone: false };
    if (i > 0) base = await table.state();
    const removes = some.flatMap(({ files }) => files);
    const present = await base.files();
    if (!removes.every((file) => isSame(file, present.get(file.path)))) {
      givenUp += removes.length;
      continue;
    }
    const { outcome, files } = await rewrite(table, session, base, some);
    if (outcome.kind !== "committed") {
      givenUp += removes.length;
      continue;
    }
    versions.push(outcome.version);
    filesBefore += removes.length;
    filesAfter += files;
  }
  return { versions, filesBefore, filesAfter, givenUp, isDone: true };
}

/** What there is to write together at a version. */
export async function binsAt({ metaData, files }: LogState, minFiles: number): Promise<Bin[]> {
  return bins(await files(), targetFileBytes(metaData.configuration) ?? defaultTargetBytes, minFiles);
}

async function metaAt(table: TableAccess, base: LogState) {
  checkWritable(table.folder, base.protocol, base.metaData);
  return metaOf(table.folder, base, await table.iceberg(base));
}

async function rewrite(
  table: TableAccess,
  session: Session,
  base: LogState,
  some: readonly Bin[],
): Promise<{ outcome: CommitOutcome; files: number }> {
  const meta = await metaAt(table, base);
  const { store, folder } = table;
  const snapshot = await snapshotOf(store, folder, base);
  const layout = layoutOf(meta);
  const adds: { file: Awaited<ReturnType<typeof copyToParquet>>[number]; tags: DataFile["tags"] }[] = [];
  const keys: string[] = [];
  const write = async (): Promise<CommitOutcome> => {
    for (const { files } of some) {
      const rows = await scan(session, snapshot, { files });
      const written = await copyToParquet(session, store, folder, layout, `FROM ${rows}`);
      keys.push(...written.map(({ path }) => keyIn(folder, path)));
      const tags = { ...ownTags(files[0]!), [tagFieldIds]: "true" };
      adds.push(...written.map((file) => ({ file, tags })));
    }
    return await commit(table, base, {
      operation: "OPTIMIZE",
      parameters: { predicate: "[]", zOrderBy: "[]", auto: "false" },
      reads: { reads: readsNothing, schema: meta.schema, partitionColumns: meta.partitionColumns },
      data: {
        adds: adds.map(({ file, tags }) => ({ ...file, tags })),
        removes: some.flatMap(({ files }) => files),
        deletes: [],
        changesRows: false,
      },
    });
  };
  const outcome = await withWritten(table, keys, write);
  return { outcome, files: adds.length };
}

function isSame(file: DataFile, now: DataFile | undefined): boolean {
  return now !== undefined && JSON.stringify(now.deletionVector) === JSON.stringify(file.deletionVector);
}

/** Bins that one commit takes. */
function commitsOf(all: readonly Bin[]): Bin[][] {
  const commits: Bin[][] = [];
  let [sizeBytes, files] = [Infinity, 0];
  for (const bin of all) {
    if (sizeBytes + bin.sizeBytes > bytesPerCommit || files + bin.files.length > filesPerCommit) {
      commits.push([]);
      [sizeBytes, files] = [0, 0];
    }
    commits.at(-1)!.push(bin);
    sizeBytes += bin.sizeBytes;
    files += bin.files.length;
  }
  return commits;
}
