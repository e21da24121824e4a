import { OneCopyError } from "../../base/index.ts";
import { ident, literal } from "../../engine/index.ts";
import {
  type EngineType,
  type Field,
  type LogicalType,
  type StructType,
  isDecimal,
  isNested,
  physicalName,
  typeFromEngine,
  typeToEngine,
} from "../../schema/index.ts";

/** Where a value is: for messages. */
interface Place {
  readonly table: string;
  /** The way to it: `address.street`. */
  readonly column: string;
}

/** An expression, and whether the engine's cast to the whole type gives the same. */
interface Converted {
  readonly sql: string;
  readonly byCast: boolean;
}

/**
 * The value `sql` of an engine type as one of `to`, its structs with their names in files: keeps every value, or
 * fails when it runs. `undefined`: values would be lost. Fields of structs go by name; those that `from` lacks are
 * null. Fails with `table.column_unknown` for fields that `to` lacks, `table.column_missing` for required ones that
 * `from` lacks.
 */
export function conversion(place: Place, sql: string, from: EngineType, to: LogicalType): string | undefined {
  return convert(place, sql, from, to, 0)?.sql;
}

function convert(
  place: Place,
  sql: string,
  from: EngineType,
  to: LogicalType,
  depth: number,
): Converted | undefined {
  if (!isNested(to)) return from.kind === "leaf" ? convertLeaf(sql, from.text, to) : undefined;
  const parts = convertParts(place, sql, from, to, depth);
  if (parts === undefined || !parts.byCast) return parts;
  const type = typeToEngine(to, physicalName);
  return { sql: from.text === type ? sql : `CAST(${sql} AS ${type})`, byCast: true };
}

function convertParts(
  place: Place,
  sql: string,
  from: EngineType,
  to: LogicalType,
  depth: number,
): Converted | undefined {
  if (!isNested(to)) return undefined;
  // Lambdas within lambdas: each has a name of its own.
  const it = `x${depth}`;
  const member = (name: string, value: string, type: EngineType, wanted: LogicalType, nullable: boolean) => {
    const inside = { table: place.table, column: `${place.column}.${name}` };
    const converted = convert(inside, value, type, wanted, depth + 1);
    return converted === undefined || nullable
      ? converted
      : { sql: required(inside.column, converted.sql), byCast: false };
  };
  if (to.kind === "list") {
    if (from.kind !== "list") return undefined;
    const element = member("element", it, from.element, to.element, to.elementNullable);
    return element && { sql: `list_transform(${sql}, lambda ${it}: ${element.sql})`, byCast: element.byCast };
  }
  if (to.kind === "map") {
    if (from.kind !== "map") return undefined;
    const key = member("key", `${it}."key"`, from.key, to.key, true);
    const value = member("value", `${it}."value"`, from.value, to.value, to.valueNullable);
    if (key === undefined || value === undefined) return undefined;
    const entry = `struct_pack("key" := ${key.sql}, "value" := ${value.sql})`;
    return {
      sql: `map_from_entries(list_transform(map_entries(${sql}), lambda ${it}: ${entry}))`,
      byCast: key.byCast && value.byCast,
    };
  }
  if (from.kind !== "struct") return undefined;
  const sources = sourcesOf(place, from.fields, to);
  const fields = to.fields.map((field) => {
    const source = sources.get(field);
    if (source !== undefined) {
      const value = `struct_extract(${sql}, ${literal(source.name)})`;
      return member(field.name, value, source.type, field.type, field.nullable);
    }
    if (!field.nullable)
      throw new OneCopyError(
        "table.column_missing",
        `The query for ${place.table} lacks ${place.column}.${field.name}, which may not be null.`,
      );
    return { sql: `CAST(NULL AS ${typeToEngine(field.type, physicalName)})`, byCast: true };
  });
  const values = complete(fields);
  if (values === undefined) return undefined;
  const packed = to.fields.map((field, i) => `${ident(physicalName(field))} := ${values[i]!.sql}`);
  return {
    sql: `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${packed.join(", ")}) END`,
    // The engine casts structs by name, if they have one in common.
    byCast:
      sources.size > 0 &&
      values.every(({ byCast }) => byCast) &&
      to.fields.every((field) => physicalName(field) === field.name),
  };
}

function sourcesOf(
  place: Place,
  from: readonly { readonly name: string; readonly type: EngineType }[],
  to: StructType,
): ReadonlyMap<Field, { readonly name: string; readonly type: EngineType }> {
  return new Map(
    from.map((source) => {
      const field = to.fields.find(({ name }) => name.toLowerCase() === source.name.toLowerCase());
      if (field !== undefined) return [field, source];
      throw new OneCopyError(
        "table.column_unknown",
        `The query has a field ${place.column}.${source.name}, which ${place.table} lacks. There are: ${to.fields.map(({ name }) => name).join(", ")}.`,
        { remedy: "Leave the field out of the query, or add it to the table first." },
      );
    }),
  );
}

/** How the engine's error begins when a required value in a nested one is null. */
export const nullInRequired = "onecopy: null in required ";

/** The value; the query fails where it is null. */
export function required(column: string, sql: string): string {
  return `coalesce(${sql}, error(${literal(nullInRequired + column)}))`;
}

function convertLeaf(sql: string, from: string, to: LogicalType): Converted | undefined {
  const type = typeToEngine(to);
  const withoutZone = /^TIMESTAMP(_(S|MS|NS))?$/.test(from);
  if (to === "timestamp" && withoutZone)
    return { sql: `(CAST(${sql} AS TIMESTAMP) AT TIME ZONE 'UTC')`, byCast: false };
  if (to === "timestamp_ntz" ? !withoutZone : !keepsValues(typeFromEngine(from), to)) return undefined;
  return { sql: from === type ? sql : `CAST(${sql} AS ${type})`, byCast: true };
}

const integers: readonly LogicalType[] = ["byte", "short", "integer", "long"];

function keepsValues(from: LogicalType, to: LogicalType): boolean {
  if (from === to) return true;
  const fromWhole = integers.includes(from) || (isDecimal(from) && from.scale === 0);
  // Between whole numbers the engine's cast fails on overflow.
  if (fromWhole && (integers.includes(to) || isDecimal(to))) return true;
  if (isDecimal(from) && isDecimal(to)) return from.scale <= to.scale;
  if (to === "double") return from === "float" || ["byte", "short", "integer"].includes(from as string);
  if (to === "float") return from === "byte" || from === "short";
  return false;
}

function complete<T>(items: readonly (T | undefined)[]): readonly T[] | undefined {
  const present = items.filter((item) => item !== undefined);
  return present.length === items.length ? present : undefined;
}
