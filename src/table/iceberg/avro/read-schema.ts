/** A writer's schema as far as reading needs it: what to do with the next bytes. */
export type ReadType =
  | { readonly kind: "null" | "boolean" | "int" | "long" | "float" | "double" | "bytes" | "string" }
  | { readonly kind: "fixed"; readonly size: number }
  | { readonly kind: "union"; readonly branches: readonly ReadType[] }
  | { readonly kind: "array"; readonly items: ReadType }
  | { readonly kind: "map"; readonly values: ReadType }
  | { readonly kind: "record"; readonly fields: readonly ReadField[] };

export interface ReadField {
  /** Iceberg's field id, else the name. */
  readonly key: number | string;
  readonly wanted: boolean;
  readonly type: ReadType;
}

const simple = new Set(["null", "boolean", "int", "long", "float", "double", "bytes", "string"]);
const deepest = 32;
const mostTypes = 20_000;

/**
 * Avro 1.12, "Schema Declaration"; names stand for types that came before. Types that refer to themselves, and enums
 * (which no Iceberg metadata has), are refused. Throws plain errors: the caller knows the file.
 */
export function parseAvroSchema(json: string, keep: (fieldId: number) => boolean): ReadType {
  const named = new Map<string, ReadType>();
  let count = 0;

  const parse = (schema: unknown, depth: number): ReadType => {
    if (depth > deepest) throw new Error(`its schema is nested deeper than ${deepest}`);
    if (++count > mostTypes) throw new Error(`its schema has more than ${mostTypes} types`);
    if (typeof schema === "string") {
      if (simple.has(schema)) return { kind: schema } as ReadType;
      const known = named.get(schema);
      if (known === undefined) throw new Error(`its schema names an unknown type ${JSON.stringify(schema)}`);
      return known;
    }
    if (Array.isArray(schema))
      return { kind: "union", branches: schema.map((branch) => parse(branch, depth + 1)) };
    if (typeof schema !== "object" || schema === null) throw new Error("its schema is none");
    const node = schema as Readonly<Record<string, unknown>>;
    switch (node["type"]) {
      case "record": {
        const fields = node["fields"];
        if (!Array.isArray(fields)) throw new Error("a record of its schema has no fields");
        const record: ReadType = { kind: "record", fields: fields.map((field) => readField(field, depth)) };
        return remember(node, record);
      }
      case "fixed": {
        const size = node["size"];
        if (!Number.isSafeInteger(size) || (size as number) < 0)
          throw new Error("a fixed of its schema has no size");
        return remember(node, { kind: "fixed", size: size as number });
      }
      case "array":
        return { kind: "array", items: parse(node["items"], depth + 1) };
      case "map":
        return { kind: "map", values: parse(node["values"], depth + 1) };
      default:
        return parse(node["type"], depth + 1);
    }
  };
  const readField = (field: unknown, depth: number): ReadField => {
    const { name, type, "field-id": id } = (field ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof name !== "string") throw new Error("a field of its schema has no name");
    const known = Number.isSafeInteger(id) ? (id as number) : undefined;
    return {
      key: known ?? name,
      wanted: known === undefined || keep(known),
      type: parse(type, depth + 1),
    };
  };
  const remember = (node: Readonly<Record<string, unknown>>, type: ReadType): ReadType => {
    const { name, namespace } = node;
    if (typeof name !== "string") return type;
    named.set(name, type);
    if (typeof namespace === "string") named.set(`${namespace}.${name}`, type);
    return type;
  };
  return parse(JSON.parse(json), 0);
}
