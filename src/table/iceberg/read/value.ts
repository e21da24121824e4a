import { ident, literal } from "../../../engine/index.ts";
import { JsonNumber } from "../../../base/index.ts";
import { typeToEngine } from "../../../schema/index.ts";
import type { AvroValue } from "../avro/read.ts";
import { type IcebergField, type IcebergType, type PrimitiveType, toLogical } from "./type.ts";

/**
 * One value of a primitive type: integers, days, microseconds and the unscaled digits of a decimal are bigints; a
 * `uuid` is its 16 bytes.
 */
export type Scalar = boolean | bigint | number | string | Uint8Array;

/** Iceberg spec, "Appendix D: Single-value serialization", binary. `undefined`: it is no value of the type. */
export function scalarFromBytes(type: PrimitiveType, bytes: Uint8Array): Scalar | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // A bound that was written before the column's type was promoted is shorter.
  const signed = (): bigint | undefined =>
    bytes.length === 8
      ? view.getBigInt64(0, true)
      : bytes.length === 4
        ? BigInt(view.getInt32(0, true))
        : undefined;
  switch (type.name) {
    case "boolean":
      return bytes.length === 1 ? bytes[0] !== 0 : undefined;
    case "int":
    case "long":
    case "date":
      return signed();
    case "time":
    case "timestamp":
    case "timestamptz":
      // Four bytes are days: such a column was a date before (v3).
      return bytes.length === 8 ? signed() : undefined;
    case "float":
    case "double":
      return bytes.length === 4
        ? view.getFloat32(0, true)
        : bytes.length === 8
          ? view.getFloat64(0, true)
          : undefined;
    case "decimal":
      return bytes.length > 0 && bytes.length <= 32 ? bigEndian(bytes) : undefined;
    case "string":
      try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      } catch {
        return undefined;
      }
    default:
      return bytes;
  }
}

/** A value of a manifest's partition tuple. `undefined`: it is no value of the type. */
export function scalarFromAvro(type: PrimitiveType, value: AvroValue): Scalar | undefined {
  switch (type.name) {
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "int":
    case "long":
    case "date":
    case "time":
    case "timestamp":
    case "timestamptz":
      return typeof value === "bigint" ? value : undefined;
    case "float":
    case "double":
      return typeof value === "number" ? value : undefined;
    case "decimal":
      return value instanceof Uint8Array && value.length > 0 && value.length <= 32
        ? bigEndian(value)
        : undefined;
    case "string":
      return typeof value === "string" ? value : undefined;
    case "uuid":
      if (typeof value === "string") return uuidBytes(value);
      return value instanceof Uint8Array && value.length === 16 ? value : undefined;
    case "fixed":
    case "binary":
      return value instanceof Uint8Array ? value : undefined;
    default:
      return undefined;
  }
}

function bigEndian(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
}

/** The value as SQL, in the engine type of the column. */
export function scalarSql(type: PrimitiveType, value: Scalar): string {
  const engineType = typeToEngine(toLogical("", type));
  switch (type.name) {
    case "date":
      return `(DATE '1970-01-01' + CAST(${String(value)} AS INTEGER))`;
    case "timestamp":
      return `make_timestamp(CAST(${String(value)} AS BIGINT))`;
    case "timestamptz":
      return `(make_timestamp(CAST(${String(value)} AS BIGINT)) AT TIME ZONE 'UTC')`;
    case "time":
      return literal(timeText(value as bigint));
    case "decimal":
      return `CAST(${literal(decimalText(value as bigint, type.scale))} AS ${engineType})`;
    case "uuid":
      return literal(uuidText(value as Uint8Array));
    case "fixed":
    case "binary":
      return `unhex(${literal(Buffer.from(value as Uint8Array).toString("hex"))})`;
    case "float":
    case "double":
      return `CAST(${literal(numberText(value as number))} AS ${engineType})`;
    case "string":
      return literal(value as string);
    default:
      return `CAST(${String(value)} AS ${engineType})`;
  }
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0.0" : String(value);
}

export function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return `${unscaled < 0n ? "-" : ""}${whole}${scale === 0 ? "" : `.${digits.slice(-scale)}`}`;
}

/** As the engine prints a time: microseconds only where there are some, without zeros at their end. */
function timeText(micros: bigint): string {
  const total = Number(micros);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const fraction = total % 1_000_000;
  const text = `${two(total / 3_600_000_000)}:${two((total / 60_000_000) % 60)}:${two((total / 1_000_000) % 60)}`;
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(6, "0").replace(/0+$/, "")}`;
}

function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function uuidBytes(text: string): Uint8Array | undefined {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
    ? Buffer.from(text.replaceAll("-", ""), "hex")
    : undefined;
}

/**
 * What a column holds in files that were written before it was there: its `initial-default`, else null, as SQL of the
 * column's engine type. Throws plain errors for a default that is no value of the type.
 */
export function defaultSql(field: IcebergField): string {
  return defaultOfType(field.type, field.initialDefault);
}

/** Iceberg spec v3, "Default values" and "JSON single-value serialization". */
function defaultOfType(type: IcebergType, json: unknown): string {
  const engineType = (): string => typeToEngine(toLogical("", type));
  if (json === undefined || json === null) return `CAST(NULL AS ${engineType()})`;
  const bad = (): never => {
    throw new Error(
      `an initial-default is no value of its type (${type.kind === "primitive" ? type.name : type.kind})`,
    );
  };
  switch (type.kind) {
    case "struct": {
      if (typeof json !== "object" || Array.isArray(json)) return bad();
      const given = json as Readonly<Record<string, unknown>>;
      const fields = type.fields.map(
        (field) =>
          `${ident(field.name)} := ${defaultOfType(field.type, given[String(field.id)] ?? field.initialDefault)}`,
      );
      return `struct_pack(${fields.join(", ")})`;
    }
    case "list": {
      if (!Array.isArray(json)) return bad();
      return `CAST([${json.map((item) => defaultOfType(type.element.type, item)).join(", ")}] AS ${engineType()})`;
    }
    case "map": {
      const { keys, values } = json as { readonly keys?: unknown; readonly values?: unknown };
      if (!Array.isArray(keys) || !Array.isArray(values) || keys.length !== values.length) return bad();
      const list = (items: readonly unknown[], of: IcebergType): string =>
        `[${items.map((item) => defaultOfType(of, item)).join(", ")}]`;
      return `CAST(map(${list(keys, type.key.type)}, ${list(values, type.value.type)}) AS ${engineType()})`;
    }
    case "primitive":
      return defaultPrimitive(type, json, engineType(), bad);
  }
}

function defaultPrimitive(type: PrimitiveType, json: unknown, engineType: string, bad: () => never): string {
  const text = json instanceof JsonNumber ? json.value : String(json);
  const cast = (pattern: RegExp, value = text): string =>
    pattern.test(text) ? `CAST(${literal(value)} AS ${engineType})` : bad();
  switch (type.name) {
    case "boolean":
      return typeof json === "boolean" ? String(json) : bad();
    case "int":
    case "long":
      return cast(/^-?\d{1,19}$/);
    case "float":
    case "double":
      return cast(/^(-?\d+(\.\d+)?([eE][+-]?\d+)?|-?Infinity|NaN)$/);
    case "decimal":
      return cast(/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/);
    case "date":
      return cast(/^[+-]?\d{4,}-\d\d-\d\d$/);
    case "time": {
      if (!/^\d\d:\d\d(:\d\d(\.\d{1,9})?)?$/.test(text)) return bad();
      return `CAST(CAST(${literal(text)} AS TIME) AS VARCHAR)`;
    }
    case "timestamp":
      return cast(/^[+-]?\d{4,}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?$/);
    case "timestamptz":
      return cast(/^[+-]?\d{4,}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/);
    case "string":
      return typeof json === "string" ? literal(json) : bad();
    case "uuid": {
      const bytes = typeof json === "string" ? uuidBytes(json) : undefined;
      return bytes === undefined ? bad() : literal(uuidText(bytes));
    }
    case "fixed":
    case "binary":
      return /^(0x)?([0-9a-f]{2})*$/i.test(text) ? `unhex(${literal(text.replace(/^0x/i, ""))})` : bad();
    default:
      return bad();
  }
}
