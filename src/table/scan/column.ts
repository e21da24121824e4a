import { ident, literal } from "../../engine/index.ts";
import { type Field, type LogicalType, isNested, physicalName, typeToEngine } from "../../schema/index.ts";
import type { Shape } from "./shape.ts";

/** How a column is read: `type` is asked for in the file's own names, `value` makes of it what the schema has. */
export interface Reading {
  readonly type: string;
  readonly value: (read: string) => string;
  /** `value` changes nothing. */
  readonly same: boolean;
}

const unchanged = (read: string): string => read;

/**
 * The engine finds the fields inside a column by their names, and casts them. Where a file has other names, or none
 * that the schema still has, the value is taken apart and put together. Without `shape` the file has the physical
 * names of the schema.
 */
export function readingOf(type: LogicalType, shape: Shape | undefined, depth = 0): Reading {
  if (!isNested(type)) return { type: typeToEngine(type), value: unchanged, same: true };
  const element = `e${depth}`;
  switch (type.kind) {
    case "struct":
      return readingOfStruct(type.fields, shape, depth);
    case "list": {
      const inner = readingOf(type.element, shape?.items?.[0], depth + 1);
      const value = (read: string): string =>
        `list_transform(${read}, lambda ${element}: ${inner.value(element)})`;
      return { type: `${inner.type}[]`, value: inner.same ? unchanged : value, same: inner.same };
    }
    case "map": {
      const key = readingOf(type.key, shape?.items?.[0], depth + 1);
      const inner = readingOf(type.value, shape?.items?.[1], depth + 1);
      const same = key.same && inner.same;
      const value = (read: string): string =>
        `map_from_entries(list_transform(map_entries(${read}), lambda ${element}: struct_pack("key" := ${key.value(`${element}."key"`)}, "value" := ${inner.value(`${element}."value"`)})))`;
      return { type: `MAP(${key.type}, ${inner.type})`, value: same ? unchanged : value, same };
    }
  }
}

function readingOfStruct(fields: readonly Field[], shape: Shape | undefined, depth: number): Reading {
  const parts = fields.map((field) => {
    const stored = shape === undefined ? physicalName(field) : shape.child(field)?.name;
    return {
      field,
      stored,
      ...readingOf(field.type, shape?.child(field)?.shape, depth),
    };
  });
  const present = parts.filter(({ stored }) => stored !== undefined);
  // Some field has to be read: only so it is known whether the struct itself is null.
  const read =
    present.length > 0
      ? present.map(({ stored, type }) => `${ident(stored!)} ${type}`)
      : [`${ident(shape?.first ?? "")} VARCHAR`];
  const same = parts.every((part) => part.same && part.stored === part.field.name);
  const value = (from: string): string => {
    const packed = parts.map(({ field, stored, value: inner }) => {
      const one =
        stored === undefined
          ? `CAST(NULL AS ${typeToEngine(field.type)})`
          : inner(`struct_extract(${from}, ${literal(stored)})`);
      return `${ident(field.name)} := ${one}`;
    });
    return `CASE WHEN ${from} IS NOT NULL THEN struct_pack(${packed.join(", ")}) END`;
  };
  return { type: `STRUCT(${read.join(", ")})`, value: same ? unchanged : value, same };
}
