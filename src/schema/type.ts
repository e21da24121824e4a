/**
 * The logical types that both formats hold (Delta protocol "Primitive types", Iceberg spec v2 "Primitive types").
 * `timestamp` is an instant in UTC with microseconds.
 */
export type LogicalType =
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
  | DecimalType;

/** 1 ≤ precision ≤ 38, 0 ≤ scale ≤ precision. */
export interface DecimalType {
  readonly precision: number;
  readonly scale: number;
}

/** A column. `id` is unique in the table, given once and never reused. */
export interface Field {
  readonly id: number;
  readonly name: string;
  readonly type: LogicalType;
  readonly nullable: boolean;
  readonly comment?: string;
}

/** `lastFieldId` only ever grows: it also counts the fields that were dropped. */
export interface Schema {
  readonly fields: readonly Field[];
  readonly lastFieldId: number;
}

export function isDecimal(type: LogicalType): type is DecimalType {
  return typeof type === "object";
}
