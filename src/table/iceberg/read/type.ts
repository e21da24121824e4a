import { z } from "zod";
import { OneCopyError } from "../../../base/index.ts";
import { type Field, type LogicalType, type Schema, ofColumn } from "../../../schema/index.ts";
import { damaged } from "./unsupported.ts";

/* Iceberg spec v3, "Schemas and Data Types" and "Appendix C: JSON serialization", with what reading needs of it. */

export type IcebergType = PrimitiveType | StructType | ListType | MapType;

export interface PrimitiveType {
  /** `decimal` and `fixed` without their numbers; a type that no version has, or that is not read, is there by its name. */
  readonly kind: "primitive";
  readonly name: string;
  /** Of a decimal. */
  readonly precision: number;
  readonly scale: number;
}

export interface StructType {
  readonly kind: "struct";
  readonly fields: readonly IcebergField[];
}

export interface ListType {
  readonly kind: "list";
  readonly element: IcebergField;
}

export interface MapType {
  readonly kind: "map";
  readonly key: IcebergField;
  readonly value: IcebergField;
}

export interface IcebergField {
  readonly id: number;
  readonly name: string;
  readonly required: boolean;
  readonly type: IcebergType;
  readonly doc: string | undefined;
  /** In "JSON single-value serialization"; `undefined` and null alike: none. */
  readonly initialDefault: unknown;
}

export interface IcebergSchema {
  readonly id: number;
  readonly fields: readonly IcebergField[];
}

const deepest = 32;
const mostFields = 20_000;
const id = z.number().int().min(0).max(2_147_483_647);

const schemaNode = z.object({ "schema-id": z.number().int().optional(), fields: z.array(z.unknown()) });
const fieldNode = z.object({
  id,
  name: z.string().max(4096),
  required: z.boolean(),
  type: z.unknown(),
  doc: z.string().nullish(),
  "initial-default": z.unknown().optional(),
});
const listNode = z.object({
  type: z.literal("list"),
  "element-id": id,
  element: z.unknown(),
  "element-required": z.boolean(),
});
const mapNode = z.object({
  type: z.literal("map"),
  "key-id": id,
  key: z.unknown(),
  "value-id": id,
  value: z.unknown(),
  "value-required": z.boolean(),
});
const structNode = z.object({ type: z.literal("struct"), fields: z.array(z.unknown()) });

/** A schema of a table's metadata. Throws zod's and plain errors: the caller knows the file. */
export function parseIcebergSchema(node: unknown): IcebergSchema {
  let count = 0;
  const parseType = (type: unknown, depth: number): IcebergType => {
    if (depth > deepest) throw new Error(`its schema is nested deeper than ${deepest}`);
    if (typeof type === "string") return primitive(type);
    const kind = (type as { readonly type?: unknown } | null)?.type;
    const child = (childId: number, name: string, childType: unknown, required: boolean): IcebergField => ({
      id: childId,
      name,
      required,
      type: parseType(childType, depth + 1),
      doc: undefined,
      initialDefault: undefined,
    });
    if (kind === "list") {
      const list = listNode.parse(type);
      return {
        kind,
        element: child(list["element-id"], "element", list.element, list["element-required"]),
      };
    }
    if (kind === "map") {
      const map = mapNode.parse(type);
      return {
        kind,
        key: child(map["key-id"], "key", map.key, true),
        value: child(map["value-id"], "value", map.value, map["value-required"]),
      };
    }
    if (kind === "struct")
      return {
        kind,
        fields: structNode.parse(type).fields.map((field) => parseField(field, depth + 1)),
      };
    return primitive(JSON.stringify(kind ?? type));
  };
  const parseField = (field: unknown, depth: number): IcebergField => {
    if (++count > mostFields) throw new Error(`its schema has more than ${mostFields} fields`);
    const { doc, "initial-default": initialDefault, ...rest } = fieldNode.parse(field);
    return {
      id: rest.id,
      name: rest.name,
      required: rest.required,
      type: parseType(rest.type, depth),
      doc: doc ?? undefined,
      initialDefault: initialDefault ?? undefined,
    };
  };
  const { "schema-id": schemaId = 0, fields } = schemaNode.parse(node);
  return { id: schemaId, fields: fields.map((field) => parseField(field, 1)) };
}

function primitive(text: string): PrimitiveType {
  const decimal = /^decimal\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text);
  if (decimal !== null)
    return {
      kind: "primitive",
      name: "decimal",
      precision: Number(decimal[1]),
      scale: Number(decimal[2]),
    };
  const name = /^fixed\[\s*\d+\s*\]$/.test(text) ? "fixed" : text;
  return { kind: "primitive", name, precision: 0, scale: 0 };
}

const logical: Readonly<Record<string, LogicalType>> = {
  boolean: "boolean",
  int: "integer",
  long: "long",
  float: "float",
  double: "double",
  date: "date",
  time: "string",
  timestamp: "timestamp_ntz",
  timestamptz: "timestamp",
  string: "string",
  uuid: "string",
  fixed: "binary",
  binary: "binary",
  // Every value of such a column is null, and no file holds it (spec v3, "Primitive Types").
  unknown: "string",
};

/**
 * The schema in our own types: `uuid` and `time` are texts, `fixed` is binary, `unknown` a text that is always null.
 * Fails with `schema.type_unsupported` naming the column and the type, or `schema.bad_name`.
 */
export function logicalSchema(where: string, schema: IcebergSchema, lastFieldId: number): Schema {
  const fields = logicalFields(where, schema.fields);
  if (fields.length === 0) throw damaged(where, "its schema has no column");
  return { fields, lastFieldId };
}

function logicalFields(where: string, fields: readonly IcebergField[]): Field[] {
  const taken = new Set<string>();
  return fields.map((field) => {
    const name = field.name.toLowerCase();
    if (taken.has(name) || name === "" || name.includes("\0"))
      throw new OneCopyError(
        "schema.bad_name",
        `${where} has ${taken.has(name) ? "two columns whose names differ in case only" : "a column without a usable name"}: ${JSON.stringify(field.name)}.`,
        { remedy: "Have the table's owner rename the column." },
      );
    taken.add(name);
    return ofColumn(field.name, () => ({
      id: field.id,
      name: field.name,
      type: toLogical(where, field.type),
      nullable: !field.required,
      ...(field.doc === undefined ? {} : { comment: field.doc }),
    }));
  });
}

/** Fails with `schema.type_unsupported`. */
export function toLogical(where: string, type: IcebergType): LogicalType {
  switch (type.kind) {
    case "struct":
      if (type.fields.length === 0) throw typeUnsupported("struct<>");
      return { kind: "struct", fields: logicalFields(where, type.fields) };
    case "list":
      return {
        kind: "list",
        elementId: type.element.id,
        element: toLogical(where, type.element.type),
        elementNullable: !type.element.required,
      };
    case "map":
      return {
        kind: "map",
        keyId: type.key.id,
        key: toLogical(where, type.key.type),
        valueId: type.value.id,
        value: toLogical(where, type.value.type),
        valueNullable: !type.value.required,
      };
    case "primitive": {
      const { name, precision, scale } = type;
      if (name === "decimal") {
        if (precision < 1 || precision > 38 || scale > precision)
          throw typeUnsupported(`decimal(${precision}, ${scale})`);
        return { kind: "decimal", precision, scale };
      }
      if (Object.hasOwn(logical, name)) return logical[name]!;
      throw typeUnsupported(name);
    }
  }
}

function typeUnsupported(name: string): OneCopyError {
  return new OneCopyError("schema.type_unsupported", `The Iceberg type ${name} is not supported.`, {
    remedy:
      "Have the table's owner provide a table with the column cast to another type, or without the column.",
  });
}

/** Every field of a schema by its id, those in structs, lists and maps too. */
export function fieldsById(fields: readonly IcebergField[]): Map<number, IcebergField> {
  const found = new Map<number, IcebergField>();
  const visit = (field: IcebergField): void => {
    found.set(field.id, field);
    childrenOf(field.type).forEach(visit);
  };
  fields.forEach(visit);
  return found;
}

function childrenOf(type: IcebergType): readonly IcebergField[] {
  switch (type.kind) {
    case "primitive":
      return [];
    case "struct":
      return type.fields;
    case "list":
      return [type.element];
    case "map":
      return [type.key, type.value];
  }
}
