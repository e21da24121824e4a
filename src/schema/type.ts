/**
 * The logical types that both formats hold (Delta protocol "Schema Serialization Format", Iceberg spec v2 "Schemas
 * and Data Types"). `timestamp` is an instant in UTC with microseconds; `timestamp_ntz` one of a calendar and a clock,
 * without a zone: it lifts the Delta protocol, and so is only there where somebody asked for it.
 */
export type LogicalType = PrimitiveType | DecimalType | ListType | MapType | StructType;

export type PrimitiveType =
  | "boolean"
  | "byte"
  | "short"
  | "integer"
  | "long"
  | "float"
  | "double"
  | "string"
  | "binary"
  | "date"
  | "timestamp"
  | "timestamp_ntz";

/** 1 ≤ precision ≤ 38, 0 ≤ scale ≤ precision. */
export interface DecimalType {
  readonly kind: "decimal";
  readonly precision: number;
  readonly scale: number;
}

/** Elements, keys and values have field ids of their own, as Iceberg wants it. */
export interface ListType {
  readonly kind: "list";
  readonly elementId: number;
  readonly element: LogicalType;
  readonly elementNullable: boolean;
}

/** Keys are never null. */
export interface MapType {
  readonly kind: "map";
  readonly keyId: number;
  readonly key: LogicalType;
  readonly valueId: number;
  readonly value: LogicalType;
  readonly valueNullable: boolean;
}

export interface StructType {
  readonly kind: "struct";
  readonly fields: readonly Field[];
}

/** A column, or a field of a struct. `id` is unique in the table, given once and never reused. */
export interface Field {
  readonly id: number;
  readonly name: string;
  readonly type: LogicalType;
  readonly nullable: boolean;
  readonly comment?: string;
  /** Its name in data files and statistics, where that is another one (Delta protocol, "Column Mapping"). */
  readonly physicalName?: string;
}

/** `lastFieldId` only ever grows: it also counts the fields that were dropped. */
export interface Schema {
  readonly fields: readonly Field[];
  readonly lastFieldId: number;
}

export function isPrimitive(type: LogicalType): type is PrimitiveType {
  return typeof type === "string";
}

export function isDecimal(type: LogicalType): type is DecimalType {
  return typeof type === "object" && type.kind === "decimal";
}

/** A list, a map or a struct. */
export function isNested(type: LogicalType): type is ListType | MapType | StructType {
  return typeof type === "object" && type.kind !== "decimal";
}

/** The name by which data files know a field. */
export function physicalName(field: Field): string {
  return field.physicalName ?? field.name;
}
