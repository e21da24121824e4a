import {
  type Field,
  type FieldPath,
  type LogicalType,
  type Schema,
  fieldNamed,
  isNested,
  pathText,
  typeFromIceberg,
  typeToIceberg,
} from "../../schema/index.ts";
import type { TableMeta } from "../commit/change.ts";
import { isMapped } from "../delta/schema.ts";
import { propertyFilesOutside } from "../elsewhere.ts";
import { droppedPaths, samePath, withDropped } from "../evolve/dropped.ts";
import { staysReadable } from "../evolve/evolution.ts";
import { type IcebergSchema, type TableMetadata, currentSchema } from "../iceberg/metadata.ts";
import type { PartitionSpec } from "../iceberg/partition.ts";
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

/**
 * What the Delta side has to say so that its readers see the table as Iceberg's do. Fails with
 * `table.iceberg_no_equal` where it cannot: then nothing is committed in either format.
 */
export function mirroredMeta(
  before: Before | undefined,
  after: TableMetadata,
  folder: string,
  files: FilesOfCommit,
): TableMeta {
  const schema = mirroredSchema(before, after);
  const partitionColumns = mirroredPartitions(before, after, schema, files.stay);
  let properties = mirroredProperties(before, after, `${after.location}/_iceberg`);
  if (files.comeFromOutside) properties = { ...properties, [propertyFilesOutside]: "true" };
  const was = before?.meta;
  const dropped = was === undefined || !files.stay ? [] : droppedBy(folder, was, schema, after);
  return {
    schema,
    partitionColumns,
    properties: withDropped(properties, dropped),
    name: was?.name,
    description: was?.description,
  };
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

/** What Delta's readers, who find columns in files by name, can follow while files of before stay. Gives the dropped fields. */
function droppedBy(
  folder: string,
  was: TableMeta,
  { fields }: Schema,
  after: TableMetadata,
): readonly FieldPath[] {
  const dropped = [...droppedPaths(was.properties)];
  if (fields === was.schema.fields) return dropped;
  for (const raw of currentSchema(after).fields) {
    const isNew = was.schema.fields.every(({ id }) => id !== raw.id);
    if (isNew && raw["initial-default"] != null)
      throw noEqual(
        `The new column ${raw.name} of ${folder} has a default for the rows that are there, and Delta's readers see null.`,
        "Add it without a default, and fill it by an update.",
      );
  }
  compare({ kind: "struct", fields: was.schema.fields }, { kind: "struct", fields }, [], dropped);
  return dropped;
}

function compare(from: LogicalType, to: LogicalType, path: FieldPath, dropped: FieldPath[]): void {
  if (!isNested(from) || !isNested(to)) {
    if (!staysReadable(path, from, to)) cannot(path, "gets another type");
    return;
  }
  if (from.kind === "list" && to.kind === "list") {
    if (from.elementNullable && !to.elementNullable) cannot(path, "refuses nulls now");
    return compare(from.element, to.element, [...path, "element"], dropped);
  }
  if (from.kind === "map" && to.kind === "map") {
    if (from.valueNullable && !to.valueNullable) cannot(path, "refuses nulls now");
    compare(from.key, to.key, [...path, "key"], dropped);
    return compare(from.value, to.value, [...path, "value"], dropped);
  }
  if (from.kind !== "struct" || to.kind !== "struct") return cannot(path, "gets another type");
  for (const field of to.fields) {
    const at = [...path, field.name];
    const before = from.fields.find(({ id }) => id === field.id);
    if (before === undefined) {
      if (!field.nullable) cannot(at, "is new, and refuses nulls");
      const isTaken = fieldNamed({ fields: from.fields, lastFieldId: 0 }, field.name) !== undefined;
      if (isTaken || dropped.some((one) => samePath(one, at))) cannot(at, "has the name of a dropped one");
      continue;
    }
    if (before.name !== field.name) cannot([...path, before.name], `is renamed to ${field.name}`);
    if (before.nullable && !field.nullable) cannot(at, "refuses nulls now");
    compare(before.type, field.type, at, dropped);
  }
  for (const before of from.fields)
    if (to.fields.every(({ id }) => id !== before.id)) dropped.push([...path, before.name]);
}

function cannot(path: FieldPath, what: string): never {
  throw noEqual(
    `${pathText(path)} ${what}, and Delta's readers, who find columns by name, would see other values in the files that are there.`,
    "Make this change with OneCopy (Table.evolve), which writes these files again in the same commit.",
  );
}
