import type { ColumnPath, Constant, Filter } from "../../../engine/index.ts";
import type { LogicalType, Schema } from "../../../schema/index.ts";

type Operation =
  | { readonly op: "and" | "or"; readonly children: readonly Operation[] }
  | { readonly op: string; readonly children: readonly Leaf[] };
type Leaf =
  | { readonly op: "column"; readonly name: string; readonly valueType: string }
  | { readonly op: "literal"; readonly value: string; readonly valueType: string };

const operations = {
  "=": "equal",
  "<": "lessThan",
  "<=": "lessThanOrEqual",
  ">": "greaterThan",
  ">=": "greaterThanOrEqual",
} as const;
/** Beyond them no filter is told: servers bound what they take. */
const longestCharacters = 8000;

/**
 * A filter for a server (PROTOCOL.md, "JSON predicates for Filtering"), as far as every server must see it as the engine
 * does: whole numbers, texts, dates and booleans of columns at the top, compared with a constant of their own type. What
 * is left out widens it, so no row is missed. undefined: nothing is left of it.
 */
export function filterHint(filter: Filter, schema: Pick<Schema, "fields">): string | undefined {
  const tree = operationOf(filter, schema);
  const text = tree && JSON.stringify(tree);
  return text === undefined || text.length > longestCharacters ? undefined : text;
}

function operationOf(filter: Filter, schema: Pick<Schema, "fields">): Operation | undefined {
  switch (filter.kind) {
    case "and":
    case "or": {
      const children = filter.of.map((one) => operationOf(one, schema));
      const told = children.filter((child) => child !== undefined);
      if (told.length === 0 || (filter.kind === "or" && told.length < children.length)) return undefined;
      return told.length === 1 ? told[0] : { op: filter.kind, children: told };
    }
    case "compare": {
      if (filter.operator === "<>") return undefined;
      const column = columnOf(filter.column, schema);
      const value = column && valueOf(filter.value, column.type);
      if (column === undefined || value === undefined) return undefined;
      const { name, valueType } = column;
      return {
        op: operations[filter.operator],
        children: [
          { op: "column", name, valueType },
          { op: "literal", value, valueType },
        ],
      };
    }
    default:
      return undefined;
  }
}

/** The protocol's words for types. Numbers with a fraction and moments are rounded, or have a zone, as each engine has it. */
const valueTypes: ReadonlyMap<LogicalType, string> = new Map([
  ["boolean", "bool"],
  ["byte", "int"],
  ["short", "int"],
  ["integer", "int"],
  ["long", "long"],
  ["string", "string"],
  ["date", "date"],
]);

function columnOf(
  [name, ...rest]: ColumnPath,
  { fields }: Pick<Schema, "fields">,
): { readonly name: string; readonly type: LogicalType; readonly valueType: string } | undefined {
  const field = fields.find((one) => one.name.toLowerCase() === name?.toLowerCase());
  const valueType = field && valueTypes.get(field.type);
  if (field === undefined || valueType === undefined || rest.length > 0) return undefined;
  return { name: field.name, type: field.type, valueType };
}

const bits: ReadonlyMap<LogicalType, number> = new Map([
  ["byte", 31],
  ["short", 31],
  ["integer", 31],
  ["long", 63],
]);

function valueOf(constant: Constant, type: LogicalType): string | undefined {
  switch (constant.type) {
    case "exact": {
      const most = 1n << BigInt(bits.get(type) ?? 0);
      const fits = constant.scale === 0 && constant.digits >= -most && constant.digits < most;
      return bits.has(type) && fits ? String(constant.digits) : undefined;
    }
    case "boolean":
      return type === "boolean" ? String(constant.value) : undefined;
    case "text":
      // Above, the order of UTF-16 is another one than that of UTF-8.
      if (type === "string") return /^[\u0000-\ud7ff]*$/.test(constant.text) ? constant.text : undefined;
      return type === "date" ? dayOf(constant.text) : undefined;
    case "date":
      return type === "date" ? dayOf(constant.text) : undefined;
    default:
      return undefined;
  }
}

function dayOf(text: string): string | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined;
}
