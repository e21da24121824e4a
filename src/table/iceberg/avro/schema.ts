/* The part of Avro (specification 1.12) that Iceberg's manifests use. */

export type AvroSchema =
  | "null"
  | "boolean"
  | "int"
  | "long"
  | "float"
  | "double"
  | "bytes"
  | "string"
  | AvroRecord
  | AvroArray
  | AvroFixed
  | AvroLogical
  | readonly ["null", AvroSchema];

export interface AvroRecord {
  readonly type: "record";
  readonly name: string;
  readonly fields: readonly AvroField[];
}

/** Bytes of one length. */
export interface AvroFixed {
  readonly type: "fixed";
  readonly name: string;
  readonly size: number;
  readonly logicalType?: string;
  readonly precision?: number;
  readonly scale?: number;
}

/** A primitive with a meaning; it is encoded as the primitive. */
export interface AvroLogical {
  readonly type: "int" | "long";
  readonly logicalType: string;
  readonly "adjust-to-utc"?: boolean;
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
