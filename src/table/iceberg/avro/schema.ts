/* The part of Avro (specification 1.12) that Iceberg's manifests use. */

export type AvroSchema =
  | "null"
  | "boolean"
  | "int"
  | "long"
  | "bytes"
  | "string"
  | AvroRecord
  | AvroArray
  | readonly ["null", AvroSchema];

export interface AvroRecord {
  readonly type: "record";
  readonly name: string;
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly default?: null;
  readonly "field-id": number;
}

export interface AvroArray {
  readonly type: "array";
  readonly items: AvroSchema;
  readonly "element-id"?: number;
  readonly logicalType?: "map";
}

export function required(id: number, name: string, type: AvroSchema): AvroField {
  return { name, type, "field-id": id };
}

export function optional(id: number, name: string, type: AvroSchema): AvroField {
  return { name, type: ["null", type], default: null, "field-id": id };
}

/** Iceberg spec, "Appendix A: Avro": a map whose keys are no text is an array of key and value. */
export function intMap(keyId: number, valueId: number, value: AvroSchema): AvroArray {
  return {
    type: "array",
    logicalType: "map",
    items: {
      type: "record",
      name: `k${keyId}_v${valueId}`,
      fields: [required(keyId, "key", "int"), required(valueId, "value", value)],
    },
  };
}
