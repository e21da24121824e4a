import { rm } from "node:fs/promises";
import { join } from "node:path";
import { OneCopyError, newId } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";
import { type Field, type Schema, fieldNamed, isNested } from "../../schema/index.ts";
import type { Store } from "../../storage/index.ts";
import { keyIn } from "../path.ts";
import type { FileStatistics } from "../statistics.ts";
import { nullInRequired } from "./conversion.ts";
import { columnsWithNaN } from "./nan.ts";
import { partitionFields } from "./partition-key.ts";
import { project } from "./projection.ts";
import { fileStatistics } from "./statistics.ts";
import { type StagedFile, writeFiles } from "./write-files.ts";

/** A data file that is written and durable, and in no table yet. */
export interface WrittenFile {
  /** In the table's folder. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Partition columns have none: their value says it all. */
  readonly statistics: FileStatistics;
  /** By a partition column's name in files, as Delta's `add.partitionValues` has them; empty for a table without partitions. */
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
/** Files that become durable, or go to an object store, at the same time. */
const adoptedAtOnce = 4;

/**
 * Writes a query's rows as Parquet into `data/`, in files of about `targetFileBytes`; none for no rows. What a
 * failed attempt left behind is deleted. Fails with `table.column_unknown`, `table.column_type`,
 * `table.column_missing`, `table.null_in_required`, `table.value_unsupported`, `table.partition_unsupported`,
 * `table.partition_value` or `schema.type_unsupported`.
 */
export async function copyToParquet(
  session: Session,
  store: Store,
  folder: string,
  { schema, partitionColumns, sortBy = [], targetFileBytes = defaultFileBytes }: Layout,
  query: string,
): Promise<WrittenFile[]> {
  const partitions = partitionFields(folder, schema, partitionColumns);
  const sortFields = sortBy.map((name) => sortField(folder, schema, name));
  const projected = project(folder, schema, query, await session.describe(query));
  const id = newId();
  const staging = join((await store.stagingFolder()) ?? session.scratchFolder, id);
  try {
    const order = { table: folder, schema, partitions, sortBy: sortFields, targetFileBytes, staging };
    const staged = (await writeFiles(session, order, projected)).filter(({ count }) => count > 0);
    const withNaN = await columnsWithNaN(session, schema, staged);
    const written = staged.map((file, i): WrittenFile => ({
      path: `data/${id}-${i}.parquet`,
      sizeBytes: file.file_size_bytes,
      statistics: statisticsOf(folder, schema, partitions, file, withNaN.get(file.filename)),
      partitionValues: file.partitionValues,
    }));
    await adoptAll(
      store,
      written.map(({ path }, i) => [staged[i]!.filename, keyIn(folder, path)]),
    );
    return written;
  } catch (error) {
    await discardData(store, folder, id);
    throw nullIn(folder, error) ?? error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function sortField(table: string, schema: Schema, name: string): Field {
  const field = fieldNamed(schema, name);
  if (field !== undefined && !isNested(field.type)) return field;
  throw new OneCopyError(
    "table.column_unknown",
    field === undefined
      ? `${table} lacks the column ${name}, by which it is to be sorted.`
      : `${table} cannot be sorted by ${name}, which is a nested value.`,
    { remedy: `Its columns are: ${schema.fields.map((one) => one.name).join(", ")}.` },
  );
}

/** All of them, or an error once none is on its way any more. */
async function adoptAll(
  store: Store,
  moves: readonly (readonly [path: string, key: string])[],
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < moves.length; i = next++) {
      const [path, key] = moves[i]!;
      try {
        await store.adopt(path, key);
      } catch (error) {
        next = moves.length;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: adoptedAtOnce }, worker));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Deletes what an attempt wrote, as far as that is possible: a left-over file is in no table, and does no harm. */
async function discardData(store: Store, folder: string, id: string): Promise<void> {
  try {
    for await (const { key } of store.list(keyIn(folder, `data/${id}`))) await store.delete(key);
  } catch {
    // The error that made the attempt fail is the one to report.
  }
}

/** Fails with `table.null_in_required` or `table.value_unsupported`. */
function statisticsOf(
  table: string,
  schema: Schema,
  partitions: readonly Field[],
  file: StagedFile,
  withNaN: ReadonlySet<number> = new Set(),
): FileStatistics {
  const { rows, columns } = fileStatistics(file, schema, withNaN);
  // Nulls in nested values do not show here: the query itself fails on them.
  const broken = schema.fields.find(
    ({ id, nullable, type }) => !nullable && !isNested(type) && columns.get(id)?.nulls !== 0,
  );
  if (broken !== undefined) throw nullError(table, broken.name);
  const inPartition = new Set(partitions.map(({ id }) => id));
  return { rows, columns: new Map([...columns].filter(([id]) => !inPartition.has(id))) };
}

function nullIn(table: string, error: unknown): OneCopyError | undefined {
  if (!(error instanceof OneCopyError) || error.code !== "engine.query_failed") return undefined;
  const at = error.message.indexOf(nullInRequired);
  return at < 0
    ? undefined
    : nullError(table, error.message.slice(at + nullInRequired.length).split("\n", 1)[0]!);
}

function nullError(table: string, column: string): OneCopyError {
  return new OneCopyError(
    "table.null_in_required",
    `Column ${column} of ${table} may not be null, and the query has a null in it.`,
    { remedy: "Leave those rows out of the query." },
  );
}
