import type { DataFile, Snapshot } from "../../table/index.ts";
import type { ResponseFormat } from "./capabilities.ts";
import { fileLine, line, snapshotHead } from "./lines.ts";
import type { FileLinks } from "./links.ts";
import type { Page, PagePoint } from "./page.ts";
import type { Lines } from "./stream.ts";

const FILES_AT_A_TIME = 128;

export interface SnapshotLines {
  readonly format: ResponseFormat;
  readonly links: FileLinks;
  /** Files are told with their version: the client asked for one. */
  readonly withVersion: boolean;
  readonly page: Page;
  /** A token for the next page. */
  readonly nextPageToken: (next: PagePoint) => string;
  /** What the last line says beside the links' end; `undefined`: there is no such line. */
  readonly end: { readonly refreshToken?: string } | undefined;
}

/** A table at one version: what it is, then its files. */
export async function* snapshotLines(
  snapshot: Snapshot,
  { format, links, withVersion, page, nextPageToken, end }: SnapshotLines,
): Lines {
  yield snapshotHead(snapshot, format, withVersion);
  const told = withVersion ? { version: snapshot.version, timestamp: snapshot.timestampMs } : undefined;
  for (const files of some(page.files)) {
    const of = await links.of(files);
    let text = "";
    for (const [i, file] of files.entries()) text += fileLine(file, snapshot.tableId, format, of[i]!, told);
    yield text;
  }
  const next = page.next();
  const token = next && { nextPageToken: nextPageToken(next) };
  if (end !== undefined) yield line({ endStreamAction: { ...links.end(), ...end, ...token } });
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
