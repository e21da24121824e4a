import type { Comparison, Filter } from "../../../engine/index.ts";

/** What cannot be judged: every file may have rows for which it is true. */
export const unknown: Filter = { kind: "unknown" };

const opposite = { "=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<" } as const;
/** The comparison with its sides changed. */
export const turned: Readonly<Record<Comparison, Comparison>> = {
  "=": "=",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
};

/** True for the rows for which the filter is false, not for those of which it says nothing (nulls). */
export function negated(filter: Filter): Filter {
  switch (filter.kind) {
    case "and":
      return { kind: "or", of: filter.of.map(negated) };
    case "or":
      return { kind: "and", of: filter.of.map(negated) };
    case "compare":
      return { ...filter, operator: opposite[filter.operator] };
    case "is-null":
      return { kind: "is-not-null", column: filter.column };
    case "is-not-null":
      return { kind: "is-null", column: filter.column };
    case "prefix":
    case "unknown":
    case "never":
      return unknown;
  }
}
