import { OneCopyError } from "../../base/index.ts";
import { type Filter, type Session, ident, literal } from "../../engine/index.ts";
import { type Field, fieldNamed, physicalName, typeToEngine } from "../../schema/index.ts";
import { icebergRelation } from "../iceberg/read/index.ts";
import type { DataFile, Snapshot } from "../snapshot.ts";
import { type Branch, branchesOf } from "./branch.ts";
import { readingOf } from "./column.ts";
import { deletedRows } from "./deleted.ts";
import { fileList } from "./file-list.ts";
import { fileMatcher, filterMatcher } from "./matching.ts";
import { partitionValues } from "./partition-value.ts";

export interface ScanOptions {
  /** SQL over the table's columns, under their bare names, or what was made of it. Files in which nothing matches are left out; the rows are not filtered. */
  readonly where?: string | Filter;
  /** Only these of the snapshot's files. */
  readonly files?: Iterable<DataFile>;
  /** Adds the columns `__file` ({@link DataFile.path}) and `__row` (BIGINT: the row's place in the file, deleted ones counted). */
  readonly positions?: boolean;
}

/** About so many bytes has a row of a file whose writer left no statistics. */
const bytesOfRow = 100;

/**
 * The relation of a snapshot's rows, to be put after FROM: exactly the schema's columns, in its order. Files of
 * OneCopy are read by field id, others by name, as Delta's protocol has it; a column that a file lacks is null. Rows
 * that are deleted are not in it. The relation can be read as long as the session's engine is open. Fails with
 * `table.column_reserved` where the table has a column of the name of a position.
 */
export async function scan(session: Session, snapshot: Snapshot, options: ScanOptions = {}): Promise<string> {
  const { where, files = snapshot.files, positions = false } = options;
  if (positions) refuseReserved(snapshot);
  const matches =
    where === undefined
      ? () => true
      : typeof where === "string"
        ? await fileMatcher(session, where, snapshot.schema, snapshot.partitionColumns)
        : filterMatcher(where, snapshot);
  const chosen = [...files].filter(matches);
  if (snapshot.foreignIceberg !== undefined)
    return await icebergRelation(session, snapshot, snapshot.foreignIceberg, { files: chosen, positions });
  const branches = await branchesOf(session, snapshot, chosen);
  const parts = await Promise.all(branches.map((branch) => read(session, snapshot, branch, positions)));
  return `(${parts.length === 0 ? noRows(snapshot, positions) : parts.join(" UNION ALL ")})`;
}

async function read(
  session: Session,
  { store, folder, schema, partitionColumns, writerZone }: Snapshot,
  { files, byId, partitionsInFile, shape, withDeleted }: Branch,
  positions: boolean,
): Promise<string> {
  const partitions = new Set(partitionsInFile ? [] : partitionColumns.map((name) => name.toLowerCase()));
  const wanted: string[] = [];
  const columns = schema.fields.map((field, i) => {
    // The log, not the folder's name, says what a partition column holds (Delta protocol, "Partition Value Serialization").
    if (partitions.has(field.name.toLowerCase()))
      return `${ofFile(partitionValues(field, files, writerZone))} AS ${ident(field.name)}`;
    const { type, value } = readingOf(field.type, shape?.(field));
    const key = byId ? String(field.id) : literal(physicalName(field));
    // Under a name of ours: a column could have the name of one that the engine adds (file_index).
    wanted.push(`${key}: {name: 'c${i}', type: ${literal(type)}, default_value: NULL}`);
    return `${value(`f.c${i}`)} AS ${ident(field.name)}`;
  });
  if (positions)
    columns.push(
      `${ofFile(files.map(({ path }) => literal(path)))} AS "__file"`,
      `f.file_row_number AS "__row"`,
    );
  const list = await fileList(session, store, folder, files);
  const expected = wanted.length === 0 ? "" : `, schema = MAP {${wanted.join(", ")}}`;
  const relation = `SELECT ${columns.join(", ")} FROM read_parquet(${list}, hive_partitioning = false, explicit_cardinality = ${rowEstimate(files)}${expected}) AS f`;
  if (!withDeleted) return relation;
  const deleted = literal(await deletedRows(session, store, folder, files));
  return `${relation} ANTI JOIN read_parquet(${deleted}) AS d ON d."file" = CAST(f.file_index AS BIGINT) AND d."row" = f.file_row_number`;
}

/** Told a schema, the engine takes files for empty ones, and would build its joins' tables of the largest relation. */
function rowEstimate(files: readonly DataFile[]): number {
  return files.reduce((sum, { rows, sizeBytes }) => sum + (rows ?? Math.ceil(sizeBytes / bytesOfRow)), 1);
}

function refuseReserved({ folder, schema }: Snapshot): void {
  const name = ["__file", "__row"].find((one) => fieldNamed(schema, one) !== undefined);
  if (name === undefined) return;
  throw new OneCopyError(
    "table.column_reserved",
    `${folder} has a column ${name}, which is what rows' places in files are called.`,
    { remedy: "Rename the column to delete or change rows of the table." },
  );
}

/** What each file has to say, as a column: without a join, which would cost something for every row. */
function ofFile(values: readonly string[]): string {
  return values.every((value) => value === values[0])
    ? values[0]!
    : `list_extract([${values.join(", ")}], CAST(f.file_index AS BIGINT) + 1)`;
}

function noRows({ schema }: Snapshot, positions: boolean): string {
  const columns = schema.fields.map(
    ({ name, type }: Field) => `CAST(NULL AS ${typeToEngine(type)}) AS ${ident(name)}`,
  );
  if (positions) columns.push('CAST(NULL AS VARCHAR) AS "__file"', 'CAST(NULL AS BIGINT) AS "__row"');
  return `SELECT ${columns.join(", ")} WHERE false`;
}
