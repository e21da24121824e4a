import { setImmediate } from "node:timers/promises";
import { type DataFile, type Snapshot, rowsLeft } from "../../table/index.ts";
import { type Hints, hintedFiles, limitOf } from "./hints/index.ts";

/** A page of more files is cut: its paths are in memory. */
const LARGEST_PAGE = 100_000;

/** So many files are looked at before others get their turn. */
const AT_A_TIME = 8192;

/** Where a page begins: after a path, and after so many rows that were told of. */
export interface PagePoint {
  readonly after: string;
  readonly rows: number;
}

/** Some of the files of a snapshot. */
export interface Page {
  readonly files: Iterable<DataFile>;
  /** Where the next one begins, when the files have been taken; undefined: there is none. */
  readonly next: () => PagePoint | undefined;
}

/**
 * So many of the files in which a row may be that the client wants. Pages go by the order of paths, which is the same for every
 * server, whichever way it came to know the version; where one page has all of them, they are told as they come.
 */
export async function pageOf(
  snapshot: Snapshot,
  hints: Hints,
  { from, maxFiles }: { readonly from: PagePoint | undefined; readonly maxFiles: number | undefined },
): Promise<Page> {
  const { files } = snapshot;
  const size = Math.min(maxFiles ?? Number.POSITIVE_INFINITY, LARGEST_PAGE);
  if (from === undefined && (maxFiles === undefined || files.count <= size))
    return { files: hintedFiles(snapshot, hints), next: () => undefined };
  const limit = limitOf(hints) ?? Number.POSITIVE_INFINITY;
  const all = hintedFiles(snapshot, { ...hints, limit: undefined });
  const paths = await firstPaths(all === files ? files.paths() : pathsOf(all), from?.after ?? "", size + 1);
  let next: PagePoint | undefined;
  function* page(): Generator<DataFile> {
    let rows = from?.rows ?? 0;
    for (const path of paths.slice(0, size)) {
      if (rows >= limit) return;
      const file = files.get(path)!;
      rows += rowsLeft(file) ?? 0;
      yield file;
    }
    if (paths.length > size && rows < limit) next = { after: paths[size - 1]!, rows };
  }
  return { files: page(), next: () => next };
}

function* pathsOf(files: Iterable<DataFile>): Generator<string> {
  for (const { path } of files) yield path;
}

/** The first `count` of the paths after one, in order; `""`: of all. No more than twice as many are held. */
async function firstPaths(paths: Iterable<string>, after: string, count: number): Promise<string[]> {
  let kept: string[] = [];
  let last: string | undefined;
  let seen = 0;
  const cut = (): void => {
    kept = kept.sort(byCodeUnits).slice(0, count);
    last = kept.length === count ? kept.at(-1) : undefined;
  };
  for (const path of paths) {
    if (++seen % AT_A_TIME === 0) await setImmediate();
    if (path <= after || (last !== undefined && path > last)) continue;
    kept.push(path);
    if (kept.length >= 2 * count) cut();
  }
  cut();
  return kept;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
