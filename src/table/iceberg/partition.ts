import { OneCopyError } from "../../base/index.ts";
import { type LogicalType, type Schema, fieldNamed, isDecimal } from "../../schema/index.ts";
import { type Bound, parseDate, parseDecimal, parseTimestamp } from "../statistics.ts";
import { type AvroField, type AvroRecord, type AvroSchema, optional } from "./avro/schema.ts";
import { boundToIceberg } from "./bound.ts";

/** Iceberg spec v2, "Partition Specs", in its JSON form. Only identity has a Delta form, and OneCopy writes no other. */
export interface PartitionSpec {
  readonly "spec-id": number;
  readonly fields: readonly PartitionField[];
}

interface PartitionField {
  readonly "source-id": number;
  readonly "field-id": number;
  readonly name: string;
  readonly transform: string;
}

/** The first id of partition fields (spec, "Partition Specs"). */
export const firstPartitionFieldId = 1000;

/**
 * The spec of partition columns among those that a table has had, or a new one. A field for a column keeps the id it
 * had in an earlier spec.
 */
export function specOf(
  schema: Schema,
  partitionColumns: readonly string[],
  known: readonly PartitionSpec[],
): PartitionSpec {
  const earlier = new Map(known.flatMap(({ fields }) => fields).map((one) => [one["source-id"], one]));
  let last = Math.max(
    firstPartitionFieldId - 1,
    ...known.flatMap(({ fields }) => fields).map((one) => one["field-id"]),
  );
  const fields = partitionColumns.map((name): PartitionField => {
    const { id, name: spelled } = fieldNamed(schema, name)!;
    return {
      "source-id": id,
      "field-id": earlier.get(id)?.["field-id"] ?? ++last,
      name: spelled,
      transform: "identity",
    };
  });
  const shape = (spec: readonly PartitionField[]): string =>
    JSON.stringify(spec.map((one) => [one["source-id"], one.transform]));
  const same = known.find((spec) => shape(spec.fields) === shape(fields));
  // The first spec of a table is 0, also when it has no fields.
  return same ?? { "spec-id": Math.max(-1, ...known.map((spec) => spec["spec-id"])) + 1, fields };
}

/** A partition's values as manifests hold them, by field name. */
export type PartitionRecord = Readonly<Record<string, unknown>>;

/** The manifest's form of Delta's partition values. Fails with `table.partition_value` for a text that is no value of its column. */
export function partitionRecord(
  spec: PartitionSpec,
  schema: Schema,
  values: Readonly<Record<string, string | null>>,
): PartitionRecord {
  return Object.fromEntries(
    spec.fields.map((partition) => {
      const field = schema.fields.find(({ id }) => id === partition["source-id"])!;
      const text = values[field.physicalName ?? field.name] ?? null;
      return [avroName(partition.name), text === null ? null : partitionValue(field.name, field.type, text)];
    }),
  );
}

function partitionValue(column: string, type: LogicalType, text: string): unknown {
  const bound = partitionBound(type, text);
  if (bound === undefined)
    throw new OneCopyError(
      "table.partition_value",
      `The partition value ${JSON.stringify(text)} is no value of the column ${column}.`,
      { remedy: "Write the rows of that partition again with a value of the column's type." },
    );
  if (isDecimal(type)) return bigEndian(bound as bigint, bytesOfDecimal(type.precision));
  return type === "date" || type === "byte" || type === "short" || type === "integer" ? Number(bound) : bound;
}

/** `undefined`: no value of the type. The empty text is null in Delta, and never gets here. */
function partitionBound(type: LogicalType, text: string): Bound | boolean | Uint8Array | undefined {
  if (isDecimal(type)) return parseDecimal(text, type.scale);
  switch (type) {
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "byte":
    case "short":
    case "integer":
    case "long":
      return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
    case "float":
    case "double":
      return text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
    case "date":
      return parseDate(text);
    case "timestamp":
    case "timestamp_ntz":
      return parseTimestamp(text);
    case "string":
      return text;
    case "binary":
      return Buffer.from(text, "utf8");
    default:
      return undefined;
  }
}

/** The type of a column by its field id: a spec may be older than the schema of now. */
export type TypeOf = (fieldId: number) => LogicalType | undefined;

/** The record type `r102` of a spec's partitions (spec, "Manifests"; names by "Avro", made valid there). */
export function partitionType(spec: PartitionSpec, typeOf: TypeOf): AvroRecord {
  const fields = spec.fields.map((partition): AvroField => {
    const type = typeOf(partition["source-id"]);
    if (type === undefined)
      throw new OneCopyError(
        "table.metadata_damaged",
        `The partition field ${partition.name} is made from a column that is not there.`,
      );
    return optional(
      partition["field-id"],
      avroName(partition.name),
      avroType(resultType(partition.transform, type), avroName(partition.name)),
    );
  });
  return { type: "record", name: "r102", fields };
}

/** Spec, "Partition Transforms": the type of what a transform gives; entries of foreign writers are written again as they are. */
function resultType(transform: string, source: LogicalType): LogicalType {
  if (/^(bucket\[|(year|month|hour)$)/.test(transform)) return "integer";
  return transform === "day" ? "date" : source;
}

/** Iceberg spec, "Appendix A: Avro", data type mappings. */
function avroType(type: LogicalType, name: string): AvroSchema {
  if (isDecimal(type)) {
    const size = bytesOfDecimal(type.precision);
    return {
      type: "fixed",
      name: `${name}_decimal`,
      size,
      logicalType: "decimal",
      precision: type.precision,
      scale: type.scale,
    };
  }
  switch (type) {
    case "boolean":
      return "boolean";
    case "byte":
    case "short":
    case "integer":
      return "int";
    case "long":
      return "long";
    case "float":
      return "float";
    case "double":
      return "double";
    case "date":
      return { type: "int", logicalType: "date" };
    case "timestamp":
      return { type: "long", logicalType: "timestamp-micros", "adjust-to-utc": true };
    case "timestamp_ntz":
      return { type: "long", logicalType: "timestamp-micros", "adjust-to-utc": false };
    case "binary":
      return "bytes";
    default:
      return "string";
  }
}

function bigEndian(value: bigint, size: number): Uint8Array {
  const hex = BigInt.asUintN(size * 8, value)
    .toString(16)
    .padStart(size * 2, "0");
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

/** Iceberg spec, "Appendix A: Avro", decimal: the fewest bytes that hold 10^precision - 1 in two's complement. */
function bytesOfDecimal(precision: number): number {
  let size = 1;
  while (2n ** BigInt(size * 8 - 1) <= 10n ** BigInt(precision) - 1n) size++;
  return size;
}

/** Avro's names are letters, digits and `_`; others are escaped as Iceberg's writers do it: `_x20`. Readers go by id. */
export function avroName(name: string): string {
  const escaped = [...name].map((char, i) => {
    if (/[A-Za-z_]/.test(char)) return char;
    if (/[0-9]/.test(char)) return i === 0 ? `_${char}` : char;
    return `_x${char.codePointAt(0)!.toString(16).toUpperCase()}`;
  });
  return escaped.join("");
}

export interface FieldSummary {
  readonly contains_null: boolean;
  readonly contains_nan?: boolean | null;
  readonly lower_bound?: Uint8Array | null;
  readonly upper_bound?: Uint8Array | null;
}

/** What a manifest list says of a manifest's partitions (spec, "Manifest Lists", field summaries). */
export function partitionSummaries(
  spec: PartitionSpec,
  typeOf: TypeOf,
  records: readonly PartitionRecord[],
): FieldSummary[] {
  return spec.fields.map((partition) => {
    const type = resultType(partition.transform, typeOf(partition["source-id"]) ?? "binary");
    const values = records.map((record) => record[avroName(partition.name)]);
    const present = values.filter((value) => value !== null && value !== undefined);
    const contains_null = present.length < values.length;
    const isNaN = (value: unknown): boolean => typeof value === "number" && Number.isNaN(value);
    const isFloat = type === "float" || type === "double";
    const contains_nan = isFloat ? { contains_nan: present.some(isNaN) } : {};
    // No bounds mean that there are only nulls and NaN: readers leave the manifest out.
    const sorted = present.filter((value) => !isNaN(value)).sort((a, b) => compare(type, a, b));
    if (sorted.length === 0) return { contains_null, ...contains_nan };
    return {
      contains_null,
      ...contains_nan,
      lower_bound: boundOf(type, sorted[0], "lower") ?? null,
      upper_bound: boundOf(type, sorted.at(-1), "upper") ?? null,
    };
  });
}

/** Decimals and bytes are in the record as their bounds are written: big-endian, and as they are. */
function boundOf(type: LogicalType, value: unknown, side: "lower" | "upper"): Uint8Array | undefined {
  if (typeof value === "boolean") return Uint8Array.of(value ? 1 : 0);
  // Not cut: there is not always a greater text, and without a bound the manifest would be left out.
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (!(value instanceof Uint8Array)) return boundToIceberg(type, value as Bound, side);
  return isDecimal(type) ? boundToIceberg(type, signed(value), side) : value;
}

/** Of two values that are not NaN. */
function compare(type: LogicalType, a: unknown, b: unknown): number {
  if (a instanceof Uint8Array && b instanceof Uint8Array)
    return isDecimal(type) ? (signed(a) < signed(b) ? -1 : 1) : Buffer.compare(a, b);
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  const [x, y] = [a as bigint | number | boolean, b as bigint | number | boolean];
  return x < y ? -1 : x > y ? 1 : 0;
}

function signed(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
}
