import fc from "fast-check";

/** A row of the table under test. */
export interface Row {
  readonly id: number;
  readonly part: string | null;
  readonly n: number | null;
  readonly tags: readonly string[] | null;
}

/** Rows by the simplest means: an array. */
export type Model = readonly Row[];

/** What is done to the table, and to the model. */
export type Operation =
  | { readonly kind: "append"; readonly rows: readonly Row[] }
  | { readonly kind: "overwrite"; readonly rows: readonly Row[] }
  | { readonly kind: "overwriteWhere"; readonly below: number; readonly rows: readonly Row[] }
  | { readonly kind: "overwritePartitions"; readonly rows: readonly Row[] }
  | { readonly kind: "delete"; readonly condition: Condition }
  | { readonly kind: "update"; readonly condition: Condition; readonly n: number }
  | { readonly kind: "merge"; readonly rows: readonly Row[]; readonly deleted: readonly boolean[] }
  | { readonly kind: "reopen" };

/** A condition on rows in both languages. */
export interface Condition {
  readonly sql: string;
  readonly test: (row: Row) => boolean;
}

const parts = ["a", "b", "ž 🐎", null] as const;

const row: fc.Arbitrary<Row> = fc.record({
  id: fc.integer({ min: 0, max: 30 }),
  part: fc.constantFrom(...parts),
  n: fc.option(fc.integer({ min: -5, max: 5 })),
  tags: fc.option(fc.array(fc.constantFrom("x", "y"), { maxLength: 2 })),
});
const rows = fc.array(row, { maxLength: 8 });
/** With distinct keys, as a merge wants them. */
const keyed = fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 6 });

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.integer({ min: -1, max: 31 }).map((id) => ({ sql: `id < ${id}`, test: (one: Row) => one.id < id })),
  fc.integer({ min: 0, max: 30 }).map((id) => ({ sql: `${id} = id`, test: (one: Row) => one.id === id })),
  fc
    .integer({ min: -5, max: 5 })
    .map((n) => ({ sql: `n >= ${n}`, test: (one: Row) => one.n !== null && one.n >= n })),
  fc.constant({ sql: "n IS NULL", test: (one: Row) => one.n === null }),
  fc.constantFrom("a", "b", "ž 🐎").map((part) => ({
    sql: `part = '${part}'`,
    test: (one: Row) => one.part === part,
  })),
  fc.constant({ sql: "part IS NULL AND id > 3", test: (one: Row) => one.part === null && one.id > 3 }),
  fc.constant({
    sql: "NOT (part IN ('a', 'b') OR n < 0)",
    test: (one: Row) =>
      // SQL's three values: unknown is not true.
      one.part !== null && one.part !== "a" && one.part !== "b" && one.n !== null && one.n >= 0,
  }),
  fc.constant({ sql: "true", test: () => true }),
);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: rows.map((some) => ({ kind: "append", rows: some }) as const) },
  { weight: 1, arbitrary: rows.map((some) => ({ kind: "overwrite", rows: some }) as const) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.integer({ min: 0, max: 31 }), rows).map(([below, some]) => ({
      kind: "overwriteWhere" as const,
      below,
      rows: some.filter(({ id }) => id < below),
    })),
  },
  { weight: 1, arbitrary: rows.map((some) => ({ kind: "overwritePartitions", rows: some }) as const) },
  { weight: 3, arbitrary: condition.map((one) => ({ kind: "delete", condition: one }) as const) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(condition, fc.integer({ min: -5, max: 5 }))
      .map(([one, n]) => ({ kind: "update" as const, condition: one, n })),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(keyed, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }))
      .map(([some, deleted]) => ({ kind: "merge" as const, rows: some, deleted })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" } as const) },
);

/** The rows after an operation. */
export function apply(model: Model, op: Operation): Model {
  switch (op.kind) {
    case "append":
      return [...model, ...op.rows];
    case "overwrite":
      return op.rows;
    case "overwriteWhere":
      return [...model.filter(({ id }) => id >= op.below), ...op.rows];
    case "overwritePartitions": {
      const replaced = new Set(op.rows.map(({ part }) => part));
      return [...model.filter(({ part }) => !replaced.has(part)), ...op.rows];
    }
    case "delete":
      return model.filter((one) => !op.condition.test(one));
    case "update":
      return model.map((one) => (op.condition.test(one) ? { ...one, n: op.n } : one));
    case "merge": {
      const byId = new Map(op.rows.map((one, i) => [one.id, op.deleted[i] === true ? undefined : one]));
      const kept = model.flatMap((one) => (byId.has(one.id) ? (byId.get(one.id) ?? []) : [one]));
      const there = new Set(model.map(({ id }) => id));
      return [
        ...kept,
        ...[...byId].flatMap(([id, one]) => (there.has(id) || one === undefined ? [] : [one])),
      ];
    }
    case "reopen":
      return model;
  }
}
