import type { AvroValue } from "../avro/read.ts";
import type { FileEntry } from "./manifest.ts";
import type { PartitionField, PartitionSpec } from "./metadata.ts";
import type { IcebergField, PrimitiveType } from "./type.ts";
import { manifestDamaged } from "./unsupported.ts";
import { type Scalar, scalarFromAvro } from "./value.ts";

/* Iceberg spec, "Partitioning". */

/** The spec has no field that partitions anything: what is written with it is in no partition. */
export function isUnpartitioned(spec: PartitionSpec): boolean {
  return spec.fields.every(({ transform }) => transform === "void");
}

/** Equal texts: the same spec and the same tuple (spec, "Scan Planning", notes 3 and 4). */
export function partitionKey(entry: FileEntry, spec: PartitionSpec): string {
  const values = spec.fields.map((field) => canonical(valueOf(entry, field)));
  return JSON.stringify([spec.id, ...values]);
}

function canonical(value: AvroValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return `x${shortest(value)}`;
  if (typeof value === "number") return Object.is(value, -0) ? "n-0" : `n${value}`;
  return `${typeof value === "string" ? "s" : "v"}${String(value)}`;
}

/** A decimal is written in as many bytes as its precision needs at that time: the sign's repetitions do not count. */
function shortest(bytes: Uint8Array): string {
  let from = 0;
  for (; from + 1 < bytes.length; from++) {
    const sign = bytes[from + 1]! >= 0x80 ? 0xff : 0;
    if (bytes[from] !== sign) break;
  }
  return Buffer.from(bytes.subarray(from)).toString("hex");
}

function valueOf({ partition }: FileEntry, { fieldId, name }: PartitionField): AvroValue | undefined {
  return partition.get(fieldId) ?? partition.get(name);
}

/** A value that a file's partition tuple states for a column itself (an identity transform); null is one. */
export interface IdentityValue {
  readonly field: IcebergField;
  readonly value: Scalar | null;
}

/** By the column's field id. `fields`: all that the table has or had; those in `current` are read in any case. */
export function identityValues(
  name: string,
  entry: FileEntry,
  spec: PartitionSpec,
  fields: ReadonlyMap<number, readonly IcebergField[]>,
  current: ReadonlyMap<number, IcebergField>,
): ReadonlyMap<number, IdentityValue> {
  const found = new Map<number, IdentityValue>();
  for (const part of spec.fields) {
    const field = part.transform === "identity" ? fields.get(part.sourceIds[0] ?? -1)?.at(-1) : undefined;
    if (field === undefined || part.sourceIds.length !== 1 || field.type.kind !== "primitive") continue;
    const value = valueOf(entry, part);
    // "… and the partition value is present in the partition struct" (spec, "Column Projection").
    if (value === undefined) continue;
    const scalar = value === null ? null : scalarFromAvro(field.type, value);
    if (scalar === undefined) {
      if (!current.has(field.id)) continue;
      throw manifestDamaged(
        name,
        `the partition value of ${field.name} in ${entry.location} has another type`,
      );
    }
    found.set(field.id, { field, value: scalar });
  }
  return found;
}

/** What the values of a transform say about the column: every row's value is in this range, or null where `isNull`. */
export interface Range {
  readonly sourceId: number;
  readonly isNull: boolean;
  readonly lower?: Scalar;
  readonly upper?: Scalar;
}

const hourMicros = 3_600_000_000n;
const dayMicros = 24n * hourMicros;

/** Ranges from a file's partition tuple, for the transforms whose inverse is a range; the others say nothing. */
export function partitionRanges(
  entry: FileEntry,
  spec: PartitionSpec,
  fields: ReadonlyMap<number, IcebergField>,
): Range[] {
  return spec.fields.flatMap((part): Range[] => {
    const [sourceId] = part.sourceIds;
    const field = sourceId === undefined ? undefined : fields.get(sourceId);
    const value = valueOf(entry, part);
    if (field?.type.kind !== "primitive" || part.sourceIds.length !== 1 || value === undefined) return [];
    if (part.transform === "void" || !isKnown(part.transform)) return [];
    if (value === null) return [{ sourceId: field.id, isNull: true }];
    const range = inverse(part.transform, field.type, value);
    return range === undefined ? [] : [{ sourceId: field.id, isNull: false, ...range }];
  });
}

/** All of these give null for null, and only for it. */
function isKnown(transform: string): boolean {
  return /^(identity|year|month|day|hour|(bucket|truncate)\[\d+\])$/.test(transform);
}

function inverse(
  transform: string,
  type: PrimitiveType,
  value: AvroValue,
): { readonly lower: Scalar; readonly upper: Scalar } | undefined {
  if (transform === "identity") {
    const scalar = scalarFromAvro(type, value);
    // NaN is equal to nothing in some engines and the largest value in others.
    if (scalar === undefined || Number.isNaN(scalar)) return undefined;
    return { lower: scalar, upper: scalar };
  }
  if (typeof value !== "bigint") return undefined;
  const width = /^truncate\[(\d+)\]$/.exec(transform)?.[1];
  if (width !== undefined)
    return type.name === "int" || type.name === "long"
      ? { lower: value, upper: value + BigInt(width) - 1n }
      : undefined;
  // Early writers cut times before 1970 towards zero: what they put into this unit may be of the one before.
  const first = value <= 0n ? value - 1n : value;
  if (transform === "hour")
    return type.name === "timestamp" || type.name === "timestamptz"
      ? { lower: first * hourMicros, upper: (value + 1n) * hourMicros - 1n }
      : undefined;
  const [from, to] = [firstDay(transform, first), firstDay(transform, value + 1n)];
  if (from === undefined || to === undefined) return undefined;
  if (type.name === "date") return { lower: from, upper: to - 1n };
  if (type.name !== "timestamp" && type.name !== "timestamptz") return undefined;
  return { lower: from * dayMicros, upper: to * dayMicros - 1n };
}

/** The first day (since 1970) of a year, month or day since 1970. */
function firstDay(transform: string, value: bigint): bigint | undefined {
  if (transform === "day") return value;
  if (transform !== "year" && transform !== "month") return undefined;
  const date = new Date(0);
  if (transform === "year") date.setUTCFullYear(1970 + Number(value));
  else date.setUTCMonth(Number(value));
  const days = date.getTime() / 86_400_000;
  return Number.isSafeInteger(days) ? BigInt(days) : undefined;
}
