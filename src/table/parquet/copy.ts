import { rm } from "node:fs/promises";
import { join } from "node:path";
import { OneCopyError, newId } from "../../base/index.ts";
import { type Session, ident, literal, textList } from "../../engine/index.ts";
import type { Schema } from "../../schema/index.ts";
import type { Store } from "../../storage/index.ts";
import { keyIn } from "../path.ts";
import { type FileStatistics, physicalPath, statisticsLeaves } from "../statistics.ts";
import { fieldIds } from "./field-ids.ts";
import { project } from "./projection.ts";
import { type CopiedFile, fileStatistics, unsureOfNaN } from "./statistics.ts";

/** A data file that is written and durable, and in no table yet. */
export interface WrittenFile {
  /** In the table's folder. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly statistics: FileStatistics;
  /** By partition column, as Delta's `add.partitionValues` has them; empty for a table without partitions. */
  readonly partitionValues: Readonly<Record<string, string | null>>;
}

/** How a table's files are laid out. */
export interface Layout {
  readonly schema: Schema;
  /** Names of columns; a file holds rows of one partition only. */
  readonly partitionColumns: readonly string[];
  /** Names of columns by which the rows of a file are in ascending order, nulls first. */
  readonly sortBy?: readonly string[] | undefined;
  /** About so large; default 128 MiB. */
  readonly targetFileBytes?: number | undefined;
}

const defaultFileBytes = 128 * 2 ** 20;
/** The engine's own; stated, since `has_nan` of its statistics is right for a file of one row group only. */
const rowGroupRows = 122_880;

/**
 * Writes a query's rows as Parquet into `data/`, in files of about `targetFileBytes`; none for no rows. What a
 * failed attempt left behind is deleted.
 */
export async function copyToParquet(
  session: Session,
  store: Store,
  folder: string,
  { schema, partitionColumns, sortBy = [], targetFileBytes = defaultFileBytes }: Layout,
  query: string,
): Promise<WrittenFile[]> {
  if (partitionColumns.length > 0)
    throw new OneCopyError("table.partition_unsupported", `${folder} is partitioned.`, {
      remedy: "Write to a table without partitions.",
    });
  const projected = project(folder, schema, query, await session.describe(query));
  const id = newId();
  const staging = join((await store.stagingFolder()) ?? session.scratchFolder, id);
  try {
    const copied = await session.rows<CopiedFile>(
      `COPY (${projected}${orderBy(sortBy)}) TO ${literal(staging)} (
         FORMAT parquet, ROW_GROUP_SIZE ${rowGroupRows}, FILE_SIZE_BYTES ${targetFileBytes},
         FILENAME_PATTERN ${literal(`${id}-{i}`)}, RETURN_STATS,
         FIELD_IDS ${fieldIds(schema)})`,
    );
    const files = copied.filter((file) => file.count > 0);
    const withNaN = await columnsWithNaN(session, schema, files);
    const written = files.map((file): WrittenFile => {
      const statistics = fileStatistics(file, schema, withNaN.get(file.filename) ?? new Set());
      refuseNulls(folder, schema, statistics);
      return {
        path: `data/${baseName(file.filename)}`,
        sizeBytes: file.file_size_bytes,
        statistics,
        partitionValues: {},
      };
    });
    for (const { path } of written) await store.adopt(join(staging, baseName(path)), keyIn(folder, path));
    return written;
  } catch (error) {
    await discardData(store, folder, id);
    throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Deletes what an attempt wrote, as far as that is possible: a left-over file is in no table, and does no harm. */
async function discardData(store: Store, folder: string, id: string): Promise<void> {
  try {
    for await (const { key } of store.list(keyIn(folder, `data/${id}`))) await store.delete(key);
  } catch {
    // The error that made the attempt fail is the one to report.
  }
}

async function columnsWithNaN(
  session: Session,
  schema: Schema,
  files: readonly CopiedFile[],
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const unsure = files.filter((file) => unsureOfNaN(file, schema, rowGroupRows).length > 0);
  if (unsure.length === 0) return new Map();
  const leaves = unsureOfNaN(unsure[0]!, schema, rowGroupRows);
  const anyNaN = leaves
    .map((leaf, i) => `bool_or(isnan(${physicalPath(leaf).map(ident).join(".")})) AS c${i}`)
    .join(", ");
  const found = new Map<string, ReadonlySet<number>>();
  for (const { filename } of unsure) {
    const [row] = await session.rows<Record<string, boolean | null>>(
      `SELECT ${anyNaN} FROM read_parquet(${textList([filename.replaceAll(/[[*?]/g, "[$&]")])})`,
    );
    found.set(filename, new Set(leaves.flatMap(({ id }, i) => (row?.[`c${i}`] === true ? [id] : []))));
  }
  return found;
}

function refuseNulls(table: string, schema: Schema, statistics: FileStatistics): void {
  const broken = statisticsLeaves(schema)
    .filter(({ path }) => path.every(({ nullable }) => !nullable))
    .find(({ id }) => statistics.columns.get(id)?.nulls !== 0)?.path[0];
  if (broken !== undefined)
    throw new OneCopyError(
      "table.null_in_required",
      `Column ${broken.name} of ${table} may not be null, and the query has a null in it.`,
      {
        remedy: "Leave those rows out of the query.",
      },
    );
}

/** Nulls first, as Iceberg's sort order of the table says. */
function orderBy(columns: readonly string[]): string {
  return columns.length === 0
    ? ""
    : ` ORDER BY ${columns.map((name) => `${ident(name)} ASC NULLS FIRST`).join(", ")}`;
}

function baseName(filename: string): string {
  return filename.slice(filename.lastIndexOf("/") + 1);
}
