import type { IcebergSchema } from "../iceberg/metadata.ts";

/* Field ids in Iceberg's JSON of a schema, which holds more than our schemas do: defaults, and types of version 3. */

type Node = Readonly<Record<string, unknown>>;

/** All ids: of fields, and of elements, keys and values. */
export function idsIn(schema: IcebergSchema): number[] {
  const ids: number[] = [];
  mapIds(schema, (id) => {
    ids.push(id);
    return id;
  });
  return ids;
}

/** A field with its type in Iceberg's JSON: a name, where it is a plain one. */
export interface PlainField {
  readonly id: number;
  readonly name: string;
  /** Names from the column down, in lower case. */
  readonly path: string;
  readonly type: unknown;
}

/** All fields, also those of structs, wherever they are. */
export function fieldsIn(schema: IcebergSchema): PlainField[] {
  const inType = (type: unknown, path: string): PlainField[] => {
    if (type === null || typeof type !== "object") return [];
    const { fields, element, value } = type as Node;
    const own = Array.isArray(fields) ? inFields(fields, path) : [];
    return [...own, ...inType(element, `${path}.element`), ...inType(value, `${path}.value`)];
  };
  const inFields = (fields: readonly Node[], within: string): PlainField[] =>
    fields.flatMap((field) => {
      const name = String(field["name"]);
      const path = `${within}.${name.toLowerCase()}`;
      return [{ id: Number(field["id"]), name, path, type: field["type"] }, ...inType(field["type"], path)];
    });
  return inFields(schema.fields as readonly Node[], "");
}

/** The schema with other ids; `change` is called for all fields of a struct before it is for what is in them. */
export function mapIds(schema: IcebergSchema, change: (id: number) => number): IcebergSchema {
  return structWith(schema, change) as IcebergSchema;
}

function structWith(struct: Node, change: (id: number) => number): Node {
  const numbered = (struct["fields"] as readonly Node[]).map((field) => ({
    ...field,
    id: change(Number(field["id"])),
  }));
  return {
    ...struct,
    fields: numbered.map((field: Node) => ({ ...field, type: typeWith(field["type"], change) })),
  };
}

function typeWith(type: unknown, change: (id: number) => number): unknown {
  if (type === null || typeof type !== "object") return type;
  const node = type as Node;
  switch (node["type"]) {
    case "struct":
      return Array.isArray(node["fields"]) ? structWith(node, change) : node;
    case "list": {
      const id = change(Number(node["element-id"]));
      return { ...node, "element-id": id, element: typeWith(node["element"], change) };
    }
    case "map": {
      const [key, value] = [change(Number(node["key-id"])), change(Number(node["value-id"]))];
      return {
        ...node,
        "key-id": key,
        key: typeWith(node["key"], change),
        "value-id": value,
        value: typeWith(node["value"], change),
      };
    }
    default:
      return node;
  }
}
