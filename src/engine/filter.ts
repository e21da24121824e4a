/**
 * A condition on the rows of a relation, as far as it can be judged by what is known about many rows at once. What
 * cannot is `unknown`: true for some rows, perhaps. `never`: true for no row. There is no negation: it is carried
 * through to the leaves, since with nulls a condition that is not true is not yet false.
 */
export type Filter =
  | { readonly kind: "and" | "or"; readonly of: readonly Filter[] }
  | {
      readonly kind: "compare";
      readonly column: ColumnPath;
      readonly operator: Comparison;
      readonly value: Constant;
    }
  | { readonly kind: "prefix"; readonly column: ColumnPath; readonly text: string }
  | { readonly kind: "is-null" | "is-not-null"; readonly column: ColumnPath }
  | { readonly kind: "unknown" | "never" };

/** A column, or a field inside of structs: names as they are written. */
export type ColumnPath = readonly string[];

export type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** A constant by what SQL says of its type. A text, too, is compared with a column of another type: it is then cast to that. */
export type Constant =
  | { readonly type: "exact"; readonly digits: bigint; readonly scale: number }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "text" | "date" | "timestamp" | "timestamptz"; readonly text: string };
