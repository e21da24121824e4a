import type { Comparison, Constant, Filter } from "../../../engine/index.ts";
import { negated, turned, unknown } from "./logic.ts";
import { NotUnderstood } from "./token.ts";

const deepest = 50;

/**
 * A tree of operations (PROTOCOL.md, "JSON predicates for Filtering"). What is not understood in it is unknown; throws
 * {@link NotUnderstood} where there is no tree at all.
 */
export function parseJsonHint(text: string): Filter {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch {
    throw new NotUnderstood("the hint is no JSON");
  }
  return filterOf(tree, 0);
}

interface Node {
  readonly op: string;
  readonly children: readonly unknown[];
  readonly name: unknown;
  readonly value: unknown;
  readonly valueType: unknown;
}

const comparisons: Readonly<Record<string, Comparison>> = {
  equal: "=",
  lessThan: "<",
  lessThanOrEqual: "<=",
  greaterThan: ">",
  greaterThanOrEqual: ">=",
};

function filterOf(value: unknown, depth: number): Filter {
  const node = nodeOf(value);
  if (depth > deepest || node === undefined) return unknown;
  const { op, children } = node;
  switch (op) {
    case "and":
    case "or":
      if (children.length === 0) return unknown;
      return { kind: op, of: children.map((child) => filterOf(child, depth + 1)) };
    case "not":
      return children.length === 1 ? negated(filterOf(children[0], depth + 1)) : unknown;
    case "isNull": {
      const column = children.length === 1 ? columnOf(children[0]) : undefined;
      return column === undefined ? unknown : { kind: "is-null", column: column.path };
    }
    case "in":
      if (children.length < 2) return unknown;
      return { kind: "or", of: children.slice(1).map((child) => compare("=", children[0], child)) };
    default:
      return Object.hasOwn(comparisons, op) && children.length === 2
        ? compare(comparisons[op]!, children[0], children[1])
        : unknown;
  }
}

function compare(operator: Comparison, left: unknown, right: unknown): Filter {
  const column = columnOf(left) ?? columnOf(right);
  const isTurned = columnOf(left) === undefined;
  const literal = nodeOf(isTurned ? left : right);
  if (column === undefined || literal?.op !== "literal" || literal.valueType !== column.valueType)
    return unknown;
  const value = constantOf(String(literal.valueType), literal.value);
  if (value === undefined) return unknown;
  return { kind: "compare", column: column.path, operator: isTurned ? turned[operator] : operator, value };
}

function columnOf(
  value: unknown,
): { readonly path: readonly string[]; readonly valueType: unknown } | undefined {
  const node = nodeOf(value);
  if (node?.op !== "column" || typeof node.name !== "string") return undefined;
  return { path: [node.name], valueType: node.valueType };
}

function constantOf(valueType: string, stated: unknown): Constant | undefined {
  if (typeof stated !== "string" && typeof stated !== "number" && typeof stated !== "boolean")
    return undefined;
  const text = String(stated);
  switch (valueType) {
    case "bool":
      return text === "true" || text === "false" ? { type: "boolean", value: text === "true" } : undefined;
    case "int":
    case "long":
      return /^[+-]?\d{1,19}$/.test(text)
        ? { type: "exact", digits: BigInt(text.replace("+", "")), scale: 0 }
        : undefined;
    case "float":
    case "double":
      return /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)
        ? { type: "double", value: Number(text) }
        : undefined;
    case "string":
      return { type: "text", text };
    case "date":
      return { type: "date", text };
    case "timestamp":
      return { type: "timestamptz", text };
    default:
      return undefined;
  }
}

function nodeOf(value: unknown): Node | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { op, children, name, value: stated, valueType } = value as Record<string, unknown>;
  if (typeof op !== "string") return undefined;
  return { op, children: Array.isArray(children) ? children : [], name, value: stated, valueType };
}
