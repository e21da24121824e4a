import { type Session, ident, literal, textList } from "../../engine/index.ts";
import { type Field, type Schema, physicalName } from "../../schema/index.ts";
import { fieldIds } from "./field-ids.ts";
import { partitionKey, valueOfKey } from "./partition-key.ts";
import type { CopiedFile } from "./statistics.ts";

/** A file as the engine wrote it, somewhere on this machine. */
export interface StagedFile extends CopiedFile {
  readonly partitionValues: Readonly<Record<string, string | null>>;
}

/** What to write, and where: all in the words of {@link Layout}, already checked. */
export interface WriteOrder {
  readonly table: string;
  readonly schema: Schema;
  readonly partitions: readonly Field[];
  readonly sortBy: readonly Field[];
  readonly targetFileBytes: number;
  /** A folder that is not there yet. */
  readonly staging: string;
}

/** The engine's own; stated, since `has_nan` of its statistics is right for a file of one row group only. */
export const rowGroupRows = 122_880;
/** A partition's file may be so many times the target before it is worth to write it again in parts. */
const tolerated = 1.5;

/** Writes a query's rows into files of about the target size, each of one partition. */
export async function writeFiles(
  session: Session,
  order: WriteOrder,
  query: string,
): Promise<readonly StagedFile[]> {
  const { partitions, sortBy, staging } = order;
  if (partitions.length === 0)
    return await writeSized(session, order, `${query}${inOrder(sortBy)}`, staging, {});
  const finished: StagedFile[] = [];
  const found = byPartition(await writePartitioned(session, order, query));
  for (const [i, files] of found.entries()) {
    if (isFinished(order, files)) finished.push(...files);
    // The engine writes partitions, or files of a size and in an order, but not both at once.
    else
      finished.push(
        ...(await writeSized(
          session,
          order,
          `SELECT * FROM ${readStaged(files)}${inOrder(sortBy)}`,
          `${staging}/${i}`,
          files[0]!.partitionValues,
        )),
      );
  }
  return finished;
}

function byPartition(files: readonly StagedFile[]): (readonly StagedFile[])[] {
  const groups = new Map<string, StagedFile[]>();
  for (const file of files) {
    const key = JSON.stringify(Object.values(file.partitionValues));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [file]);
    else group.push(file);
  }
  return [...groups.values()];
}

function isFinished({ sortBy, targetFileBytes }: WriteOrder, files: readonly StagedFile[]): boolean {
  const bytes = files.reduce((sum, file) => sum + file.file_size_bytes, 0);
  const rows = files.reduce((sum, { count }) => sum + count, 0);
  const sorted = sortBy.length === 0 || rows <= 1;
  return sorted && files.length === 1 && bytes <= targetFileBytes * tolerated;
}

async function writeSized(
  session: Session,
  { schema, targetFileBytes }: WriteOrder,
  query: string,
  folder: string,
  partitionValues: StagedFile["partitionValues"],
): Promise<StagedFile[]> {
  const files = await session.rows<CopiedFile>(
    `COPY (${query}) TO ${literal(folder)} (${common(schema)}, FILE_SIZE_BYTES ${targetFileBytes}, FILENAME_PATTERN '{i}')`,
  );
  return files.map((file) => ({ ...file, partitionValues }));
}

/**
 * One file or more a partition, its rows in any order: the engine's threads meet in it. The rows come sorted by
 * partition: else the engine, which holds few files open, would make very many small ones of many partitions.
 */
async function writePartitioned(
  session: Session,
  { table, schema, partitions, staging }: WriteOrder,
  query: string,
): Promise<StagedFile[]> {
  // Keys are columns of their own: as such they are left out of the files, where the columns themselves stay.
  const prefix = unusedPrefix(schema);
  const names = partitions.map((_, i) => `${prefix}${i}`);
  const keys = partitions.map((field, i) => `${partitionKey(field)} AS ${names[i]!}`);
  const files = await session.rows<
    CopiedFile & { partition_keys: readonly { readonly key: string; readonly value: string | null }[] }
  >(
    `COPY (SELECT *, ${keys.join(", ")} FROM (${query})${orderBy(partitions)}) TO ${literal(staging)} (
       ${common(schema)}, PARTITION_BY (${names.join(", ")}), FILENAME_PATTERN '{uuid}')`,
  );
  const staged: StagedFile[] = [];
  for (const file of files) {
    const found = new Map(file.partition_keys.map(({ key, value }) => [key, value]));
    const values = partitions.map((field, i) => valueOfKey(table, field, found.get(names[i]!) ?? null));
    const missing = partitions.filter((_, i) => values[i] === undefined);
    const read = missing.length === 0 ? {} : await firstRow(session, file, missing);
    const entries = partitions.map((field, i) => [
      physicalName(field),
      values[i] === undefined ? (read[physicalName(field)] ?? null) : values[i],
    ]);
    staged.push({ ...file, partitionValues: Object.fromEntries(entries) as StagedFile["partitionValues"] });
  }
  return staged;
}

function common(schema: Schema): string {
  return `FORMAT parquet, ROW_GROUP_SIZE ${rowGroupRows}, RETURN_STATS, FIELD_IDS ${fieldIds(schema)}`;
}

/** Nulls first, as Iceberg's sort order of the table says. */
function orderBy(fields: readonly Field[]): string {
  const columns = fields.map((field) => `${ident(physicalName(field))} ASC NULLS FIRST`);
  return columns.length === 0 ? "" : ` ORDER BY ${columns.join(", ")}`;
}

/**
 * Sorted, and written so: of files of a size, the engine's threads write each its own part, unless the rows come out of
 * a LIMIT, which they leave one after the other.
 */
function inOrder(fields: readonly Field[]): string {
  return fields.length === 0 ? "" : `${orderBy(fields)} LIMIT ${Number.MAX_SAFE_INTEGER}`;
}

async function firstRow(
  session: Session,
  file: CopiedFile,
  fields: readonly Field[],
): Promise<Record<string, string | null>> {
  const columns = fields.map((field) => ident(physicalName(field))).join(", ");
  const [row] = await session.rows<Record<string, string | null>>(
    `SELECT ${columns} FROM ${readStaged([file])} LIMIT 1`,
  );
  return row ?? {};
}

/** Names in a pattern's letters, and folders that look like partitions, are only names. */
function readStaged(files: readonly CopiedFile[]): string {
  const paths = files.map(({ filename }) => filename.replaceAll(/[[*?]/g, "[$&]"));
  return `read_parquet(${textList(paths)}, hive_partitioning = false)`;
}

function unusedPrefix(schema: Schema): string {
  const names = schema.fields.map((field) => physicalName(field).toLowerCase());
  let prefix = "key_";
  while (names.some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}
