import type { DuckDBConnection } from "@duckdb/node-api";
import { JsonNumber } from "../../base/index.ts";
import type { ColumnPath, Comparison, Constant, Filter } from "../filter.ts";
import { syntaxTree } from "./syntax-tree.ts";

/** Of a statement's syntax, as the engine writes it out. */
export type Node = Readonly<Record<string, unknown>>;

const unknown: Filter = { kind: "unknown" };

/** The filter of a condition, by its syntax alone: no table, no function is looked at. */
export async function parseFilter(connection: DuckDBConnection, where: string): Promise<Filter> {
  // On lines of its own, lest a comment at its end takes in the bracket.
  const { statements } = await syntaxTree(connection, `SELECT 1 FROM t WHERE (\n${where}\n)`);
  const node = record(record(statements[0])["node"]);
  if (statements.length !== 1 || node["type"] !== "SELECT_NODE") return unknown;
  return filterOf(record(node["where_clause"]), false);
}

/** Of the expression, or of its negation. */
export function filterOf(node: Node, negated: boolean): Filter {
  const children = list(node["children"]);
  switch (node["type"]) {
    case "CONJUNCTION_AND":
    case "CONJUNCTION_OR":
      return {
        kind: (node["type"] === "CONJUNCTION_AND") !== negated ? "and" : "or",
        of: children.map((child) => filterOf(child, negated)),
      };
    case "OPERATOR_NOT":
      return filterOf(record(children[0]), !negated);
    case "OPERATOR_IS_NULL":
    case "OPERATOR_IS_NOT_NULL": {
      const column = columnOf(record(children[0]));
      const isNull = (node["type"] === "OPERATOR_IS_NULL") !== negated;
      return column === undefined ? unknown : { kind: isNull ? "is-null" : "is-not-null", column };
    }
    case "COLUMN_REF":
      return compare(node, "=", { type: "boolean", value: !negated });
    case "OPERATOR_CAST": {
      const constant = constantOf(node);
      return constant?.type === "boolean" && constant.value === negated ? { kind: "never" } : unknown;
    }
    case "COMPARE_BETWEEN":
      return between(node, negated);
    case "COMPARE_IN":
    case "COMPARE_NOT_IN":
      return among(children, (node["type"] === "COMPARE_IN") !== negated);
    case "FUNCTION":
      return negated ? unknown : startsWith(node, children);
    default:
      return comparison(node, negated);
  }
}

const comparisons: Readonly<Record<string, Comparison>> = {
  COMPARE_EQUAL: "=",
  COMPARE_NOTEQUAL: "<>",
  COMPARE_LESSTHAN: "<",
  COMPARE_LESSTHANOREQUALTO: "<=",
  COMPARE_GREATERTHAN: ">",
  COMPARE_GREATERTHANOREQUALTO: ">=",
};
const opposite = { "=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<" } as const;
const turned = { "=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

function comparison(node: Node, negated: boolean): Filter {
  const found = comparisons[String(node["type"])];
  if (found === undefined) return unknown;
  const operator = negated ? opposite[found] : found;
  const [left, right] = [record(node["left"]), record(node["right"])];
  if (left["type"] === "COLUMN_REF") return compare(left, operator, constantOf(right));
  return right["type"] === "COLUMN_REF" ? compare(right, turned[operator], constantOf(left)) : unknown;
}

function compare(node: Node, operator: Comparison, value: Constant | undefined): Filter {
  const column = columnOf(node);
  return column === undefined || value === undefined ? unknown : { kind: "compare", column, operator, value };
}

function between(node: Node, negated: boolean): Filter {
  const input = record(node["input"]);
  const [lower, upper] = [constantOf(record(node["lower"])), constantOf(record(node["upper"]))];
  // The engine casts all three to one type: with two types of constants it is not that of each comparison.
  if (lower?.type !== upper?.type) return unknown;
  return negated
    ? { kind: "or", of: [compare(input, "<", lower), compare(input, ">", upper)] }
    : { kind: "and", of: [compare(input, ">=", lower), compare(input, "<=", upper)] };
}

function among([input, ...items]: readonly Node[], isIn: boolean): Filter {
  const values = items.map(constantOf);
  if (input === undefined || values.some((value) => value === undefined || value.type !== values[0]?.type))
    return unknown;
  const of = values.map((value) => compare(input, isIn ? "=" : "<>", value));
  return { kind: isIn ? "or" : "and", of };
}

/** `LIKE` has no escape character of its own. `ILIKE`, and `LIKE … ESCAPE`, are other functions. */
function startsWith(node: Node, [input, pattern]: readonly Node[]): Filter {
  const column = input === undefined ? undefined : columnOf(input);
  const constant = pattern === undefined ? undefined : constantOf(pattern);
  if (column === undefined || constant?.type !== "text") return unknown;
  if (node["function_name"] === "^@") return { kind: "prefix", column, text: constant.text };
  if (node["function_name"] !== "~~") return unknown;
  const text = /^[^%_]*/.exec(constant.text)![0];
  return text === constant.text
    ? { kind: "compare", column, operator: "=", value: constant }
    : { kind: "prefix", column, text };
}

function columnOf(node: Node): ColumnPath | undefined {
  const names = node["column_names"];
  return node["type"] === "COLUMN_REF" && Array.isArray(names) ? names.map(String) : undefined;
}

const castable: Readonly<Record<string, "date" | "timestamp" | "timestamptz">> = {
  DATE: "date",
  TIMESTAMP: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
};
const whole = new Set(["TINYINT", "SMALLINT", "INTEGER", "BIGINT"]);

function constantOf(node: Node): Constant | undefined {
  if (node["type"] === "OPERATOR_CAST") return castOf(node);
  if (node["type"] !== "VALUE_CONSTANT") return undefined;
  const constant = record(node["value"]);
  const type = record(constant["type"]);
  const value = constant["value"];
  if (constant["is_null"] !== false) return undefined;
  switch (type["id"]) {
    case "VARCHAR":
      return typeof value === "string" ? { type: "text", text: value } : undefined;
    case "DOUBLE":
    case "FLOAT": {
      const double = value instanceof JsonNumber ? Number(value.value) : value;
      return typeof double === "number" && Number.isFinite(double)
        ? { type: "double", value: double }
        : undefined;
    }
    case "DECIMAL": {
      const { scale, width } = record(type["type_info"]);
      const digits = digitsOf(value);
      // Beyond, the engine may compare as doubles.
      return digits === undefined || typeof scale !== "number" || typeof width !== "number" || width > 18
        ? undefined
        : { type: "exact", digits, scale };
    }
    default: {
      const digits = whole.has(String(type["id"])) ? digitsOf(value) : undefined;
      return digits === undefined ? undefined : { type: "exact", digits, scale: 0 };
    }
  }
}

/** `DATE '2020-01-01'` is a cast, too, and so are `true` and `false`. A number that is too large makes the query fail. */
function castOf(node: Node): Constant | undefined {
  const inner = constantOf(record(node["child"]));
  const target = record(node["cast_type"]);
  const type = String(target["id"]);
  if (inner?.type === "exact" && inner.scale === 0 && whole.has(type)) return inner;
  if (inner?.type !== "text") return undefined;
  if (whole.has(type)) return exactOf(inner.text, 0);
  if (type === "DECIMAL") {
    const { scale, width } = record(target["type_info"]);
    return typeof scale === "number" && typeof width === "number" && width <= 18
      ? exactOf(inner.text, scale)
      : undefined;
  }
  if (type === "BOOLEAN" && /^(t|f)$/.test(inner.text)) return { type: "boolean", value: inner.text === "t" };
  const temporal = castable[type];
  return temporal === undefined ? undefined : { type: temporal, text: inner.text };
}

/** A text that is a number of at most so many places after the point, so that the cast does not round. */
function exactOf(text: string, scale: number): Constant | undefined {
  const [, integer, fraction = ""] = /^(-?\d{1,19})(?:\.(\d+))?$/.exec(text) ?? [];
  return integer === undefined || fraction.length > scale
    ? undefined
    : { type: "exact", digits: BigInt(integer + fraction), scale: fraction.length };
}

function digitsOf(value: unknown): bigint | undefined {
  const text = value instanceof JsonNumber ? value.value : String(value);
  return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
}

export function record(value: unknown): Node {
  return value !== null && typeof value === "object" ? (value as Node) : {};
}

function list(value: unknown): Node[] {
  return Array.isArray(value) ? value.map(record) : [];
}
