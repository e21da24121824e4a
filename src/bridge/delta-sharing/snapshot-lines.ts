import type { DataFile, Snapshot } from "../../table/index.ts";
import type { ResponseFormat } from "./capabilities.ts";
import { fileLine, snapshotHead } from "./lines.ts";
import type { FileLinks } from "./links.ts";
import type { Lines } from "./stream.ts";

const FILES_AT_A_TIME = 128;

export interface SnapshotLines {
  readonly format: ResponseFormat;
  readonly links: FileLinks;
  /** Files are told with their version: the client asked for one. */
  readonly withVersion: boolean;
  /** So many rows are wanted; `undefined`: all. */
  readonly limit: number | undefined;
}

/** A table at one version: what it is, then its files. */
export async function* snapshotLines(
  snapshot: Snapshot,
  { format, links, withVersion, limit }: SnapshotLines,
): Lines {
  yield snapshotHead(snapshot, format, withVersion);
  const told = withVersion ? { version: snapshot.version, timestamp: snapshot.timestampMs } : undefined;
  for (const files of some(limited(snapshot.files, limit))) {
    const of = await links.of(files);
    yield files.map((file, i) => fileLine(file, snapshot.tableId, format, of[i]!, told));
  }
}

function* some(files: Iterable<DataFile>): Generator<DataFile[]> {
  let taken: DataFile[] = [];
  for (const file of files) {
    taken.push(file);
    if (taken.length < FILES_AT_A_TIME) continue;
    yield taken;
    taken = [];
  }
  if (taken.length > 0) yield taken;
}

/** As many files as hold `limit` rows; a file of unknown length counts as empty, so there are never too few. */
function* limited(files: Iterable<DataFile>, limit: number | undefined): Generator<DataFile> {
  let rows = 0;
  for (const file of files) {
    if (limit !== undefined && rows >= limit) return;
    rows += (file.rows ?? 0) - (file.rows === undefined ? 0 : (file.deletionVector?.cardinality ?? 0));
    yield file;
  }
}
