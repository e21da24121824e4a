import { OneCopyError } from "../../base/index.ts";
import { typeToEngine } from "../engine.ts";
import {
  type Field,
  type ListType,
  type LogicalType,
  type MapType,
  type StructType,
  isNested,
} from "../type.ts";
import { type FieldPath, pathText } from "./change.ts";

/** What has members that a path can name: a struct, a list or a map. */
export type Container = StructType | ListType | MapType;

/**
 * The struct with `edit` done to the container of what `path` names; everything else stays the same object. Fails
 * with `schema.field_unknown` when there is no such container, `schema.change_impossible` inside a map's key.
 */
export function editContainer(
  root: StructType,
  path: FieldPath,
  edit: (container: Container) => Container,
): StructType {
  if (path.length === 0)
    throw new OneCopyError("schema.field_unknown", "The path of a schema change is empty.", {
      remedy: 'Name the field from the top: ["address", "street"].',
    });
  return descend(root, path, 0, edit) as StructType;
}

/** Fails with `schema.field_unknown`. */
export function memberField(container: Container, path: FieldPath, depth = path.length - 1): Field {
  const wanted = path[depth]!.toLowerCase();
  const fields = container.kind === "struct" ? container.fields : [];
  const field = fields.find(({ name }) => name.toLowerCase() === wanted);
  return field ?? unknown(container, path, depth);
}

export function unknown(container: LogicalType, path: FieldPath, depth = path.length - 1): never {
  const found = memberNames(container);
  const place = depth === 0 ? "The table" : `The field ${pathText(path.slice(0, depth))}`;
  throw new OneCopyError("schema.field_unknown", `${place} has no ${path[depth]}.`, {
    remedy: found === undefined ? `It is a ${typeToEngine(container)}.` : `It has: ${found.join(", ")}.`,
  });
}

function descend(
  container: Container,
  path: FieldPath,
  depth: number,
  edit: (container: Container) => Container,
): Container {
  if (depth === path.length - 1) return edit(container);
  const name = path[depth]!;
  const inside = (type: LogicalType): LogicalType =>
    isNested(type) ? descend(type, path, depth + 1, edit) : unknown(type, path, depth + 1);
  if (container.kind === "list" && name === "element")
    return { ...container, element: inside(container.element) };
  if (container.kind === "map" && name === "value") return { ...container, value: inside(container.value) };
  if (container.kind === "map" && name === "key") throw keyStays(path);
  const field = memberField(container, path, depth);
  return {
    kind: "struct",
    fields: (container as StructType).fields.map((one) =>
      one === field ? { ...one, type: inside(one.type) } : one,
    ),
  };
}

/** Iceberg spec v2, "Schema Evolution": what changes which keys are equal is not allowed. */
export function keyStays(path: FieldPath): OneCopyError {
  return new OneCopyError(
    "schema.change_impossible",
    `${pathText(path)} belongs to the key of a map, and keys cannot change.`,
    { remedy: "Add a map with the other key, and drop this one." },
  );
}

function memberNames(type: LogicalType): readonly string[] | undefined {
  if (!isNested(type)) return undefined;
  if (type.kind === "list") return ["element"];
  return type.kind === "map" ? ["key", "value"] : type.fields.map(({ name }) => name);
}
