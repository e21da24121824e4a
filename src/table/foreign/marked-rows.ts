import { stringifyLossless } from "../../base/index.ts";
import { literal } from "../../engine/index.ts";
import type { Store } from "../../storage/index.ts";
import { RowSet, readDeletionVector } from "../deletion/index.ts";
import type { LogState } from "../delta/replay.ts";
import { manifestBodies, mayName } from "../iceberg/live.ts";
import { contentData } from "../iceberg/manifest.ts";
import type { ManifestFile } from "../iceberg/manifest-list.ts";
import { fileContext } from "../iceberg/read/context.ts";
import { positionsIn } from "../iceberg/read/position-deletes.ts";
import { withLogEngine } from "../log-engine.ts";
import { pathOfLocation } from "../path.ts";
import { type Difference, type Told, filesToldBy } from "./difference.ts";
import { invalid, noEqual } from "./refuse.ts";

/** A data file of the version that is asked for, other rows of which are deleted than in the version before. */
export interface Marked {
  readonly told: Told;
  /** In the table's folder. */
  readonly path: string;
  /** All rows that are deleted from now on. */
  readonly rows: RowSet;
}

/** So many data files' rows are asked for together. */
const filesAtOnce = 256;
/** To look for more texts than this in a manifest takes longer than to read its entries. */
export const mostTexts = 64;

/**
 * The data files in which an Iceberg writer deletes rows, or gives them back (a rollback), by position deletes. Those
 * of before that stay are in the file's deletion vector. Fails with `table.iceberg_no_equal` or
 * `table.iceberg_update_invalid`: what is deleted must be so for readers of both formats.
 */
export async function markedRows(
  store: Store,
  folder: string,
  state: LogState,
  after: readonly ManifestFile[],
  { added, removed, addedDeletes, removedDeletes }: Difference,
): Promise<Marked[]> {
  const left = new Set(removed.map(({ file }) => file.file_path));
  const back = new Set(removedDeletes.map(({ file }) => aboutOf(file)).filter((one) => !left.has(one)));
  if (addedDeletes.length + back.size === 0) return [];
  const deletes = addedDeletes.map((told) => ({
    told,
    path: pathOfLocation(store, folder, told.file.file_path),
  }));
  return await withLogEngine(async (session) => {
    const { rows: said, addressOf } =
      deletes.length === 0
        ? noPositions
        : await positionsIn(fileContext(session, { store, folder }), deletes);
    // As `ownSpelling` does it.
    const rows = `SELECT f, r, regexp_replace(path, '^file:/([^/])', 'file:///\\1') AS path FROM (${said})`;
    const byAddress = new Map(deletes.map((one) => [addressOf(one), one.told]));
    const pairs = await session.rows<{ f: string; path: string }>(`SELECT DISTINCT f, path FROM (${rows})`);
    const named = new Set([...pairs.map(({ path }) => path), ...back].filter((one) => !left.has(one)));
    const told = await dataFiles(store, folder, after, named);
    for (const { f, path } of pairs)
      if (!left.has(path)) checkApplies(byAddress.get(f)!, path, told.get(path));
    const known = await state.files();
    const isNew = new Set(added.map(({ file }) => file.file_path));
    const marked: Marked[] = [];
    try {
      for (const [location, one] of told) {
        const path = pathOfLocation(store, folder, location);
        const vector =
          isNew.has(location) || back.has(location) ? undefined : known.get(path)?.deletionVector;
        const before = vector === undefined ? new RowSet() : await readDeletionVector(store, folder, vector);
        marked.push({ told: one, path, rows: before });
      }
      for (let i = 0; i < marked.length; i += filesAtOnce) {
        const some = marked.slice(i, i + filesAtOnce);
        const numbers = some.map(
          ({ told: { file } }, n) => `(${literal(file.file_path)}, ${n}::INTEGER, ${file.record_count})`,
        );
        const { n, r } = await session.arrays(
          `SELECT n.n, CASE WHEN d.r >= 0 AND d.r < n.size THEN CAST(d.r AS DOUBLE) ELSE -1 END AS r
           FROM (${rows}) AS d JOIN (VALUES ${numbers.join(", ")}) AS n(path, n, size) ON n.path = d.path`,
        );
        for (let at = 0; at < n!.length; at++) {
          const { told: one, rows: set } = some[Number(n![at])]!;
          if (Number(r![at]) < 0)
            throw invalid(
              `A row of ${one.file.file_path} is deleted that it does not have: it has ${one.file.record_count}.`,
            );
          set.add(Number(r![at]));
        }
      }
    } catch (error) {
      dispose(marked);
      throw error;
    }
    return marked;
  });
}

export function dispose(marked: readonly Marked[]): void {
  for (const { rows } of marked) rows.dispose();
}

const noPositions = {
  rows: "SELECT '' AS path, 0::BIGINT AS r, '' AS f WHERE false",
  addressOf: (): string => "",
};

/** Each delete file that OneCopy leaves in a table is about one data file, and names it. */
function aboutOf({ file_path: path, referenced_data_file: about }: Told["file"]): string {
  if (about != null) return about;
  throw invalid(`${path} leaves the table, and names no data file that it is about.`);
}

/** The data files of these locations, from the manifests. */
async function dataFiles(
  store: Store,
  folder: string,
  manifests: readonly ManifestFile[],
  locations: ReadonlySet<string>,
): Promise<Map<string, Told>> {
  const found = new Map<string, Told>();
  // How a location ends is the same in all spellings.
  const texts = [...locations].map((one) => one.slice(one.lastIndexOf("/") + 1));
  const ofData = manifests.filter(({ content }) => content === contentData);
  for await (const manifest of manifestBodies(store, folder, ofData)) {
    if (found.size === locations.size) break;
    if (texts.length <= mostTexts && !mayName(manifest, texts)) continue;
    for (const told of await filesToldBy(manifest))
      if (locations.has(told.file.file_path)) found.set(told.file.file_path, told);
  }
  return found;
}

/** Iceberg spec, "Scan Planning": which position deletes apply to which data file. What applies to none is a mistake. */
function checkApplies(deletes: Told, path: string, data: Told | undefined): void {
  const { file_path: name, referenced_data_file: about } = deletes.file;
  if (data === undefined)
    throw invalid(
      `${name} deletes rows of ${path}, which is not in the table.`,
      "Load the table again, and have the engine delete these rows once more.",
    );
  const place = ({ specId, file }: Told): string => stringifyLossless([specId, file.partition]);
  if (
    data.sequenceNumber > deletes.sequenceNumber ||
    place(data) !== place(deletes) ||
    (about != null && about !== path)
  )
    throw noEqual(
      `${name} names rows of ${path}, to which it does not apply: that is a file of another partition, or a later one.`,
      "Have the engine write the position deletes of each partition into a file of their own.",
    );
}
