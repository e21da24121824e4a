import {
  type Field,
  type FieldPath,
  type LogicalType,
  type Schema,
  fieldNamed,
  isNested,
  isPromotion,
  pathText,
  typeFromIceberg,
  typeToIceberg,
} from "../../schema/index.ts";
import type { TableMeta } from "../commit/change.ts";
import { isMapped } from "../delta/schema.ts";
import { propertyFilesOutside } from "../elsewhere.ts";
import { droppedPaths, samePath, withDropped } from "../evolve/dropped.ts";
import { type Evolution, staysReadable } from "../evolve/evolution.ts";
import { type IcebergSchema, type TableMetadata, currentSchema } from "../iceberg/metadata.ts";
import type { PartitionSpec } from "../iceberg/partition.ts";
import { renameInColumnLists, withoutOwnStatistics } from "../property.ts";
import { identifyingColumns } from "../snapshot.ts";
import { noEqual } from "./refuse.ts";
import { mirroredProperties } from "./properties.ts";

/** A table before a commit in both formats' words. */
export interface Before {
  readonly metadata: TableMetadata;
  readonly meta: TableMeta;
}

/** What of the commit's files decides how its meta can change. */
export interface FilesOfCommit {
  /** Data files of before stay: they were written for the meta of before. */
  readonly stay: boolean;
  /** Some that come in lie outside the table's folder. */
  readonly comeFromOutside: boolean;
}

/** What a commit makes of a table, and what it asks of the files that stay. */
export interface Mirrored {
  readonly meta: TableMeta;
  /** Delta's readers follow only when the files that stay are written again. */
  readonly asks: Pick<Evolution, "rewrites" | "returning">;
}

/**
 * What the Delta side has to say so that its readers see the table as Iceberg's do. Fails with
 * `table.iceberg_no_equal` where it cannot: then nothing is committed in either format.
 */
export function mirroredMeta(
  before: Before | undefined,
  after: TableMetadata,
  folder: string,
  files: FilesOfCommit,
): Mirrored {
  const schema = mirroredSchema(before, after);
  const partitionColumns = mirroredPartitions(before, after, schema, files.stay);
  let properties = mirroredProperties(before, after, `${after.location}/_iceberg`);
  if (files.comeFromOutside) properties = { ...properties, [propertyFilesOutside]: "true" };
  const was = before?.meta;
  if (was !== undefined) properties = withColumnLists(properties, was.schema, schema);
  const { dropped, ...asks } =
    was === undefined || !files.stay ? nothingAsked : columnsChanged(folder, was, schema, after);
  return {
    meta: {
      schema,
      partitionColumns,
      properties: withDropped(properties, dropped),
      name: was?.name,
      description: was?.description,
    },
    asks,
  };
}

/** Lists of columns, such as the identifying ones, go with their columns. */
function withColumnLists(
  properties: TableMeta["properties"],
  was: Schema,
  { fields }: Schema,
): TableMeta["properties"] {
  if (fields === was.fields) return properties;
  const nameNow = ({ id, name }: Field): string | undefined =>
    (fields.find((one) => one.id === id) ?? fieldNamed({ fields, lastFieldId: 0 }, name))?.name;
  const names = new Map(was.fields.map((field) => [field.name, nameNow(field)]));
  const next = renameInColumnLists(properties, names);
  const isLast = identifyingColumns(properties).size > 0 && identifyingColumns(next).size === 0;
  return isLast ? withoutOwnStatistics(next) : next;
}

/** A column whose type is the same in Iceberg keeps its Delta type, which may say more (a byte is an int there). */
function mirroredSchema(before: Before | undefined, after: TableMetadata): Schema {
  const iceberg = currentSchema(after);
  const shape = (schema: IcebergSchema): string => JSON.stringify(schema.fields);
  if (before !== undefined && shape(currentSchema(before.metadata)) === shape(iceberg))
    return before.meta.schema;
  if (before !== undefined && isMapped(before.meta.properties))
    throw noEqual(
      "The table's columns are mapped to other names in its files, and its schema cannot be changed from here.",
      "Change it with OneCopy, or with an engine that writes Delta.",
    );
  refuseTypes(iceberg.fields);
  const read = typeFromIceberg({ type: "struct", fields: iceberg.fields });
  const known = new Map((before?.meta.schema.fields ?? []).map((field) => [field.id, field]));
  const same = (a: LogicalType, b: LogicalType): boolean =>
    JSON.stringify(typeToIceberg(a)) === JSON.stringify(typeToIceberg(b));
  const fields = (read as { readonly fields: readonly Field[] }).fields.map((field): Field => {
    const was = known.get(field.id);
    return was !== undefined && same(was.type, field.type) ? { ...field, type: was.type } : field;
  });
  return { fields, lastFieldId: after["last-column-id"] };
}

/** Types whose files Delta's readers would misread; those that no version here knows are refused by their reader. */
function refuseTypes(fields: readonly unknown[]): void {
  for (const one of fields) {
    const text = JSON.stringify((one as { readonly type?: unknown }).type ?? "");
    const found = /"(uuid|time|fixed\[\d+\])"/.exec(text)?.[1];
    if (found !== undefined)
      throw noEqual(
        `The column ${String((one as { name?: unknown }).name)} has the type ${found}, for which Delta has no equal.`,
        found.startsWith("fixed") ? "Use binary instead." : "Use string instead.",
      );
  }
}

/** Identity partitions on whole columns are Delta's too. All others are Iceberg's alone: Delta needs none of them. */
function mirroredPartitions(
  before: Before | undefined,
  after: TableMetadata,
  schema: Schema,
  stay: boolean,
): readonly string[] {
  const wanted = identityColumns(after, schema);
  if (before === undefined || !stay) return wanted;
  const { partitionColumns } = before.meta;
  const isSame = before.metadata["default-spec-id"] === after["default-spec-id"];
  if (isSame || partitionColumns.length === 0) return partitionColumns;
  if (JSON.stringify(wanted) === JSON.stringify(partitionColumns)) return partitionColumns;
  throw noEqual(
    `The table is partitioned by ${partitionColumns.join(", ")}, and in Delta that holds for all of its rows.`,
    "Leave the partitioning as it is, or replace the table with all of its rows (CREATE OR REPLACE TABLE … AS SELECT).",
  );
}

function identityColumns(metadata: TableMetadata, schema: Schema): readonly string[] {
  const spec = metadata["partition-specs"].find((one) => one["spec-id"] === metadata["default-spec-id"]) as
    | PartitionSpec
    | undefined;
  const parts = (spec?.fields ?? []).filter(({ transform }) => transform !== "void");
  const columns = parts.flatMap((part) => {
    const field = schema.fields.find(({ id }) => id === part["source-id"]);
    const isPlain = part.transform === "identity" && field !== undefined && isPartitionable(field.type);
    return isPlain ? [field.name] : [];
  });
  return columns.length === parts.length && columns.length < schema.fields.length ? columns : [];
}

/** Readers of Delta do not agree on partitions by other types. */
function isPartitionable(type: LogicalType): boolean {
  return !isNested(type) && !["float", "double", "binary"].includes(String(type));
}

const nothingAsked = { dropped: [], rewrites: [], returning: [] };

/**
 * What Delta's readers, who find columns in files by name, make of another schema while files of before stay. `dropped`: the fields
 * that these may still hold.
 */
function columnsChanged(
  folder: string,
  was: TableMeta,
  { fields }: Schema,
  after: TableMetadata,
): Mirrored["asks"] & { readonly dropped: readonly FieldPath[] } {
  const known = droppedPaths(was.properties);
  if (fields === was.schema.fields) return { ...nothingAsked, dropped: known };
  for (const raw of currentSchema(after).fields) {
    const isNew = was.schema.fields.every(({ id }) => id !== raw.id);
    if (isNew && raw["initial-default"] != null)
      throw noEqual(
        `The new column ${raw.name} of ${folder} has a default for the rows that are there, and Delta's readers see null.`,
        "Add it without a default, and fill it by an update.",
      );
  }
  const found: Found = { dropped: [...known], rewrites: [], returning: [] };
  compare({ kind: "struct", fields: was.schema.fields }, { kind: "struct", fields }, [], found);
  protectPartitions(was, fields);
  // Files that are written now hold nothing of what was dropped.
  if (found.rewrites.length > 0) return { ...found, dropped: [], returning: [] };
  const comesBack = (path: FieldPath): boolean => found.returning.some((one) => samePath(one, path));
  return { ...found, dropped: found.dropped.filter((path) => !comesBack(path)) };
}

interface Found {
  readonly dropped: FieldPath[];
  readonly rewrites: string[];
  readonly returning: FieldPath[];
}

function compare(from: LogicalType, to: LogicalType, path: FieldPath, found: Found): void {
  if (!isNested(from) || !isNested(to)) {
    if (staysReadable(path, from, to)) return;
    if (isNested(from) || isNested(to) || !isPromotion(from, to)) cannot(path, "gets another type");
    found.rewrites.push(`${pathText(path)} is widened`);
    return;
  }
  if (from.kind === "list" && to.kind === "list") {
    if (from.elementNullable && !to.elementNullable) cannot(path, "refuses nulls now");
    return compare(from.element, to.element, [...path, "element"], found);
  }
  if (from.kind === "map" && to.kind === "map") {
    if (from.valueNullable && !to.valueNullable) cannot(path, "refuses nulls now");
    if (JSON.stringify(from.key) !== JSON.stringify(to.key)) cannot([...path, "key"], "changes");
    return compare(from.value, to.value, [...path, "value"], found);
  }
  if (from.kind !== "struct" || to.kind !== "struct") return cannot(path, "gets another type");
  for (const before of from.fields)
    if (to.fields.every(({ id }) => id !== before.id)) found.dropped.push([...path, before.name]);
  for (const field of to.fields) {
    const at = [...path, field.name];
    const before = from.fields.find(({ id }) => id === field.id);
    if (before === undefined) {
      if (!field.nullable) cannot(at, "is new, and refuses nulls");
      if (found.dropped.some((one) => samePath(one, at))) found.returning.push(at);
      continue;
    }
    if (before.name !== field.name)
      found.rewrites.push(`${pathText([...path, before.name])} is renamed to ${field.name}`);
    if (before.nullable && !field.nullable) cannot(at, "refuses nulls now");
    compare(before.type, field.type, at, found);
  }
}

/** As `evolution` has it: name and type of a partition column stand in each file's partition value. */
function protectPartitions({ schema, partitionColumns }: TableMeta, fields: readonly Field[]): void {
  for (const before of schema.fields.filter(({ name }) => partitionColumns.includes(name))) {
    const now = fields.find(({ id }) => id === before.id);
    if (now?.name === before.name && JSON.stringify(now.type) === JSON.stringify(before.type)) continue;
    throw noEqual(
      `The table is partitioned by ${before.name}: it cannot be renamed, dropped or widened.`,
      "Replace the table with all of its rows (CREATE OR REPLACE TABLE … AS SELECT).",
    );
  }
}

function cannot(path: FieldPath, what: string): never {
  throw noEqual(
    `${pathText(path)} ${what}, and Delta's readers would not follow, or see other values in the files that are there.`,
    "Add another column with what you need and fill it by an update, or make this change with OneCopy (Table.evolve), which looks at the rows.",
  );
}
