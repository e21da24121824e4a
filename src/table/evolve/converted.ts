import { ident, literal } from "../../engine/index.ts";
import { type Field, type LogicalType, type Schema, isNested, typeToEngine } from "../../schema/index.ts";

/**
 * A query of the rows of `relation`, which has the columns of `before`, in the form of `after`. Fields are the same
 * when their ids are; `origin` says of which field one with a fresh id has the values. What `before` lacks is null.
 */
export function convertedRows(
  relation: string,
  before: Schema,
  after: Schema,
  origin: ReadonlyMap<number, number>,
): string {
  const expressions = after.fields.map((field) => {
    const source = sourceOf(field, before.fields, origin);
    const value =
      source === undefined
        ? nullOf(field.type)
        : converted(ident(source.name), source.type, field.type, origin, 0);
    return `${value} AS ${ident(field.name)}`;
  });
  return `SELECT ${expressions.join(", ")} FROM ${relation}`;
}

/** Nested values are taken apart only where something in them is another one. */
function converted(
  value: string,
  from: LogicalType,
  to: LogicalType,
  origin: ReadonlyMap<number, number>,
  depth: number,
): string {
  if (!isNested(from) || !isNested(to))
    return typeToEngine(from) === typeToEngine(to) ? value : `CAST(${value} AS ${typeToEngine(to)})`;
  if (sameFields(from, to, origin)) return value;
  const each = `e${depth}`;
  if (from.kind === "list" && to.kind === "list")
    return `list_transform(${value}, lambda ${each}: ${converted(each, from.element, to.element, origin, depth + 1)})`;
  if (from.kind === "map" && to.kind === "map") {
    const item = converted(`${each}.value`, from.value, to.value, origin, depth + 1);
    return ifThere(
      value,
      `map_from_entries(list_transform(map_entries(${value}), lambda ${each}: struct_pack(k := ${each}.key, v := ${item})))`,
    );
  }
  if (from.kind !== "struct" || to.kind !== "struct") return `CAST(${value} AS ${typeToEngine(to)})`;
  const fields = to.fields.map((field) => {
    const source = sourceOf(field, from.fields, origin);
    const part =
      source === undefined
        ? nullOf(field.type)
        : converted(
            `struct_extract(${value}, ${literal(source.name)})`,
            source.type,
            field.type,
            origin,
            depth,
          );
    return `${ident(field.name)} := ${part}`;
  });
  return ifThere(value, `struct_pack(${fields.join(", ")})`);
}

function sourceOf(
  field: Field,
  fields: readonly Field[],
  origin: ReadonlyMap<number, number>,
): Field | undefined {
  const id = origin.get(field.id) ?? field.id;
  return fields.find((one) => one.id === id);
}

/** The same fields under the same names in the same order, with the same types. */
function sameFields(from: LogicalType, to: LogicalType, origin: ReadonlyMap<number, number>): boolean {
  if (!isNested(from) || !isNested(to)) return typeToEngine(from) === typeToEngine(to);
  if (from.kind === "list" && to.kind === "list") return sameFields(from.element, to.element, origin);
  if (from.kind === "map" && to.kind === "map") return sameFields(from.value, to.value, origin);
  if (from.kind !== "struct" || to.kind !== "struct" || from.fields.length !== to.fields.length) return false;
  return to.fields.every((field, i) => {
    const before = from.fields[i]!;
    const isSame = before.id === (origin.get(field.id) ?? field.id) && before.name === field.name;
    return isSame && sameFields(before.type, field.type, origin);
  });
}

function nullOf(type: LogicalType): string {
  return `CAST(NULL AS ${typeToEngine(type)})`;
}

function ifThere(value: string, whole: string): string {
  return `CASE WHEN ${value} IS NOT NULL THEN ${whole} END`;
}
