import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { JsonNumber, messageOf, parseLossless } from "../../../base/index.ts";
import { type IcebergSchema, parseIcebergSchema } from "./type.ts";
import { damaged, unsupported } from "./unsupported.ts";

/* Iceberg spec v1, v2, v3, "Table Metadata", as far as reading needs it. Keys that are not read are left out. */

const mostBytes = 256 * 2 ** 20;

/** Snapshot ids have up to 63 bits. */
const long = z.union([z.number().int(), z.instanceof(JsonNumber)]).transform((value, context): bigint => {
  const text = value instanceof JsonNumber ? value.value : String(value);
  if (/^-?\d{1,20}$/.test(text)) return BigInt(text);
  context.addIssue({ code: "custom", message: "is no integer of 64 bits" });
  return z.NEVER;
});
const int = z.number().int();

const partitionField = z.object({
  "source-id": int.optional(),
  /** Transforms of several columns (v3). */
  "source-ids": z.array(int).optional(),
  "field-id": int.optional(),
  name: z.string(),
  transform: z.string(),
});

const snapshot = z.object({
  "snapshot-id": long,
  "parent-snapshot-id": long.nullish(),
  "sequence-number": long.optional(),
  "timestamp-ms": z.number(),
  "manifest-list": z.string().nullish(),
  /** v1 only. */
  manifests: z.array(z.string()).nullish(),
  "schema-id": int.nullish(),
  "key-id": z.string().nullish(),
});

const tableMetadata = z.object({
  "format-version": int,
  "table-uuid": z.string().optional(),
  location: z.string(),
  "last-updated-ms": z.number(),
  "last-column-id": int,
  schema: z.unknown().optional(),
  schemas: z.array(z.unknown()).nullish(),
  "current-schema-id": int.nullish(),
  "partition-spec": z.array(partitionField).nullish(),
  "partition-specs": z.array(z.object({ "spec-id": int, fields: z.array(partitionField) })).nullish(),
  properties: z.record(z.string(), z.string()).nullish(),
  "current-snapshot-id": long.nullish(),
  snapshots: z.array(snapshot).nullish(),
  "snapshot-log": z.array(z.object({ "snapshot-id": long, "timestamp-ms": z.number() })).nullish(),
  refs: z.record(z.string(), z.object({ "snapshot-id": long, type: z.string() })).nullish(),
});

type RawMetadata = z.output<typeof tableMetadata>;
export type IcebergSnapshot = z.output<typeof snapshot>;

export interface PartitionField {
  /** Several or none: the transform is not one that this version knows. */
  readonly sourceIds: readonly number[];
  readonly fieldId: number;
  readonly name: string;
  readonly transform: string;
}

export interface PartitionSpec {
  readonly id: number;
  readonly fields: readonly PartitionField[];
}

export interface IcebergMetadata {
  readonly formatVersion: number;
  readonly tableUuid: string | undefined;
  readonly location: string;
  readonly lastUpdatedMs: number;
  readonly lastColumnId: number;
  readonly schemas: readonly IcebergSchema[];
  readonly currentSchemaId: number;
  readonly specs: ReadonlyMap<number, PartitionSpec>;
  readonly properties: Readonly<Record<string, string>>;
  readonly currentSnapshotId: bigint | undefined;
  readonly snapshots: readonly IcebergSnapshot[];
  readonly snapshotLog: readonly { readonly "snapshot-id": bigint; readonly "timestamp-ms": number }[];
  readonly refs: ReadonlyMap<string, { readonly snapshotId: bigint; readonly type: string }>;
}

/** Fails with `table.metadata_damaged`, or `table.iceberg_feature_unsupported` for a version above 3. */
export function parseIcebergMetadata(key: string, body: Uint8Array): IcebergMetadata {
  let raw: RawMetadata;
  let schemas: IcebergSchema[];
  try {
    if (body.length > mostBytes) throw new Error(`it has more than ${mostBytes} bytes`);
    const text =
      body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body, { maxOutputLength: mostBytes }) : body;
    const json = parseLossless(new TextDecoder("utf-8", { fatal: true }).decode(text));
    const version = (json as { readonly "format-version"?: unknown } | null)?.["format-version"];
    if (typeof version === "number" && version > 3)
      throw unsupported(
        key,
        `Iceberg format version ${version}`,
        "Have the table's owner write version 3 or lower.",
      );
    raw = tableMetadata.parse(json);
    // The schema of version 1 stands alone; the list came later, and counts where it is there.
    schemas = (raw.schemas ?? [raw.schema]).map(parseIcebergSchema);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "table.iceberg_feature_unsupported")
      throw cause;
    throw damaged(key, `it cannot be read as the metadata of an Iceberg table: ${messageOf(cause)}`, cause);
  }
  if (raw["format-version"] < 1) throw damaged(key, `its format-version is ${raw["format-version"]}`);
  const current = raw["current-snapshot-id"];
  return {
    formatVersion: raw["format-version"],
    tableUuid: raw["table-uuid"],
    location: raw.location,
    lastUpdatedMs: raw["last-updated-ms"],
    lastColumnId: raw["last-column-id"],
    schemas,
    currentSchemaId: raw["current-schema-id"] ?? schemas[0]?.id ?? 0,
    specs: specsOf(raw),
    properties: raw.properties ?? {},
    currentSnapshotId: current === undefined || current === null || current === -1n ? undefined : current,
    snapshots: raw.snapshots ?? [],
    snapshotLog: raw["snapshot-log"] ?? [],
    refs: new Map(
      Object.entries(raw.refs ?? {}).map(([name, ref]) => [
        name,
        { snapshotId: ref["snapshot-id"], type: ref.type },
      ]),
    ),
  };
}

export function schemaById(key: string, metadata: IcebergMetadata, id: number): IcebergSchema {
  const schema = metadata.schemas.find((one) => one.id === id);
  if (schema === undefined) throw damaged(key, `its schema ${id} is missing`);
  return schema;
}

function specsOf(raw: RawMetadata): Map<number, PartitionSpec> {
  const listed = raw["partition-specs"] ?? [{ "spec-id": 0, fields: raw["partition-spec"] ?? [] }];
  return new Map(
    listed.map(({ "spec-id": id, fields }) => [
      id,
      {
        id,
        fields: fields.map((field, i) => ({
          sourceIds: field["source-ids"] ?? (field["source-id"] === undefined ? [] : [field["source-id"]]),
          // Version 1 may leave it out: "assigned sequentially, starting from 1000".
          fieldId: field["field-id"] ?? 1000 + i,
          name: field.name,
          transform: field.transform,
        })),
      },
    ]),
  );
}
