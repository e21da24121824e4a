import { z } from "zod";
import { JsonNumber, OneCopyError, messageOf, parseLossless, stringifyLossless } from "../../base/index.ts";
import { type LogicalType, type Schema, fieldToIceberg, typeFromIceberg } from "../../schema/index.ts";

/*
 * Iceberg spec, "Table Metadata". Keys are the specification's; unknown ones are kept. OneCopy writes version 2; tables
 * that an Iceberg engine made through the catalog may be of version 1 or 3, and what these lack or add is made even here.
 */

/** Snapshot ids have up to 63 bits. */
export const long = z
  .union([z.number().int(), z.instanceof(JsonNumber)])
  .transform((value) => BigInt(value instanceof JsonNumber ? value.value : value));

const icebergField = z.looseObject({
  id: z.number().int(),
  name: z.string(),
  required: z.boolean(),
  type: z.unknown(),
  doc: z.string().optional(),
});

export const icebergSchema = z.looseObject({
  type: z.literal("struct"),
  "schema-id": z.number().int().default(0),
  fields: z.array(icebergField),
});

export const partitionSpec = z.looseObject({
  "spec-id": z.number().int().default(0),
  fields: z.array(
    z.looseObject({
      "source-id": z.number().int(),
      "field-id": z.number().int(),
      name: z.string(),
      transform: z.string(),
    }),
  ),
});

export const sortOrder = z.looseObject({
  "order-id": z.number().int(),
  fields: z.array(
    z.looseObject({
      "source-id": z.number().int(),
      transform: z.string(),
      direction: z.string(),
      "null-order": z.string(),
    }),
  ),
});

export const snapshot = z.looseObject({
  "snapshot-id": long,
  "parent-snapshot-id": long.nullish(),
  "sequence-number": long.default(0n),
  "timestamp-ms": z.number(),
  "manifest-list": z.string(),
  summary: z.record(z.string(), z.string()).default({}),
  "schema-id": z.number().int().nullish(),
});

/** Statistics files, which are not read here. */
const aboutSnapshot = z.looseObject({ "snapshot-id": long, "statistics-path": z.string() });

export const snapshotRef = z.looseObject({ "snapshot-id": long, type: z.enum(["branch", "tag"]) });

const tableMetadata = z.looseObject({
  "format-version": z.literal([1, 2, 3]),
  "table-uuid": z.string(),
  location: z.string(),
  "last-sequence-number": long.default(0n),
  "last-updated-ms": z.number(),
  "last-column-id": z.number().int(),
  "current-schema-id": z.number().int(),
  schemas: z.array(icebergSchema),
  "partition-specs": z.array(partitionSpec),
  "default-spec-id": z.number().int(),
  "last-partition-id": z.number().int(),
  "sort-orders": z.array(sortOrder),
  "default-sort-order-id": z.number().int(),
  properties: z.record(z.string(), z.string()).default({}),
  "current-snapshot-id": long.nullish(),
  snapshots: z.array(snapshot).default([]),
  refs: z.record(z.string(), snapshotRef).optional(),
  statistics: z.array(aboutSnapshot).optional(),
  "partition-statistics": z.array(aboutSnapshot).optional(),
  "snapshot-log": z.array(z.looseObject({ "snapshot-id": long, "timestamp-ms": z.number() })).default([]),
  "metadata-log": z
    .array(z.looseObject({ "metadata-file": z.string(), "timestamp-ms": z.number() }))
    .default([]),
});

export type TableMetadata = z.output<typeof tableMetadata>;
export type IcebergSchema = z.output<typeof icebergSchema>;
export type IcebergSnapshot = z.output<typeof snapshot>;
export type SortOrder = z.output<typeof sortOrder>;
export type SnapshotRef = z.output<typeof snapshotRef>;

/** Fails with `table.metadata_damaged`. */
export function parseMetadata(key: string, body: Uint8Array): TableMetadata {
  try {
    return tableMetadata.parse(parseLossless(new TextDecoder().decode(body)));
  } catch (cause) {
    throw new OneCopyError("table.metadata_damaged", `${key} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** Version 1 says the current schema and partitioning once more, where its oldest readers look for them. */
export function renderMetadata(metadata: TableMetadata): string {
  if (metadata["format-version"] !== 1) return stringifyLossless(metadata);
  const spec = metadata["partition-specs"].find((one) => one["spec-id"] === metadata["default-spec-id"]);
  return stringifyLossless({ ...metadata, schema: currentSchema(metadata), "partition-spec": spec?.fields });
}

export function currentSnapshot(metadata: TableMetadata): IcebergSnapshot | undefined {
  const id = metadata["current-snapshot-id"] ?? -1n;
  return metadata.snapshots.find((one) => one["snapshot-id"] === id);
}

export function currentSchema(metadata: TableMetadata): IcebergSchema {
  const schema = metadata.schemas.find((one) => one["schema-id"] === metadata["current-schema-id"]);
  if (schema === undefined)
    throw new OneCopyError("table.metadata_damaged", `${metadata.location}: the current schema is missing.`);
  return schema;
}

export function schemaToIceberg(schema: Schema, schemaId: number): IcebergSchema {
  return {
    type: "struct",
    "schema-id": schemaId,
    fields: schema.fields.map(fieldToIceberg),
  };
}

/** The type of a column that some schema of the table has, or had. */
export function typeOfField(metadata: TableMetadata, fieldId: number): LogicalType | undefined {
  for (const schema of [currentSchema(metadata), ...metadata.schemas]) {
    const field = schema.fields.find(({ id }) => id === fieldId);
    if (field !== undefined) return typeFromIceberg(field.type);
  }
  return undefined;
}
