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

/** All fields, also those of structs, wherever they are. `type`: its name where it is a plain one. */
export function fieldsIn(
  schema: IcebergSchema,
): { readonly id: number; readonly name: string; readonly type: unknown }[] {
  const inType = (type: unknown): ReturnType<typeof fieldsIn> => {
    if (type === null || typeof type !== "object") return [];
    const { fields, element, value } = type as Node;
    const own = Array.isArray(fields) ? fields.flatMap(inField) : [];
    return [...own, ...inType(element), ...inType(value)];
  };
  const inField = (field: Node): ReturnType<typeof fieldsIn> => [
    { id: Number(field["id"]), name: String(field["name"]), type: field["type"] },
    ...inType(field["type"]),
  ];
  return (schema.fields as readonly Node[]).flatMap(inField);
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
