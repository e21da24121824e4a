import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, type Session, openEngine } from "../../../engine/index.ts";
import { schemaOf } from "../../../schema/index.ts";
import { openStore } from "../../../storage/index.ts";
import { type Snapshot, Table } from "../../../table/index.ts";
import { hintedFiles } from "./index.ts";

let base: string;
let engine: Engine;
let session: Session;
let snapshot: Snapshot;
let rows: string;

/** Values of each column, of which some rows of some files have some. */
const values: Readonly<Record<string, readonly string[]>> = {
  n: ["-3", "0", "4", "9007199254740993"],
  small: ["-1", "2", "30000"],
  amount: ["-0.50", "10.25", "99.99"],
  ratio: ["-1.5", "0.1", "2.0", "'nan'", "'inf'"],
  name: ["''", "'a'", "'ab'", "'it''s'", "'žluť'"],
  day: ["'1969-12-31'", "'2020-01-01'", "'2020-02-29'"],
  seen: ["'1969-12-31 23:59:59.9999+00'", "'2020-01-01 00:00:00+00'", "'2020-01-01 00:00:00.123456+00'"],
  flag: ["true", "false"],
};
const types: Readonly<Record<string, string>> = {
  n: "BIGINT",
  small: "SMALLINT",
  amount: "DECIMAL(9,2)",
  ratio: "DOUBLE",
  name: "VARCHAR",
  day: "DATE",
  seen: "TIMESTAMPTZ",
  flag: "BOOLEAN",
};
const valueTypes: Readonly<Record<string, string>> = {
  n: "long",
  small: "int",
  ratio: "double",
  name: "string",
  day: "date",
  seen: "timestamp",
  flag: "bool",
};
const columns = Object.keys(types);

/** A file for each slot; the region of a slot is a partition column, too. */
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "onecopy-hints-"));
  engine = await openEngine({ spillFolder: join(base, "spill"), threads: 1 });
  session = await engine.session();
  let seed = 7;
  const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const row = (slot: number): string => {
    const cells = columns.map((name) => {
      const one = next(5) === 0 ? "NULL" : values[name]![next(values[name]!.length)]!;
      return `CAST(${one} AS ${types[name]})`;
    });
    return `(${slot}, ${slot % 7 === 0 ? "NULL" : `'r${slot % 4}'`}, ${cells.join(", ")})`;
  };
  const made = Array.from({ length: 60 }, (_, slot) =>
    Array.from({ length: 1 + next(2) }, () => row(slot)),
  ).flat();
  rows = `(SELECT * FROM (VALUES ${made.join(", ")}) t(slot, region, ${columns.join(", ")}))`;
  const schema = schemaOf(await session.describe(`SELECT * FROM ${rows}`));
  const store = openStore(join(base, "lake"));
  await Table.create(store, "t", { schema, partitionBy: ["slot", "region"] });
  const table = await Table.open(store, "t");
  await table.write(session, { mode: "append", query: `SELECT * FROM ${rows}` });
  snapshot = await table.snapshot();
});
afterAll(async () => {
  session.close();
  await engine.close();
  await rm(base, { recursive: true });
});

type Condition =
  | { readonly kind: "and" | "or"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  | { readonly kind: "null" | "not null"; readonly column: string }
  | { readonly kind: "in"; readonly column: string; readonly values: readonly string[] }
  | { readonly kind: "between"; readonly column: string; readonly values: readonly [string, string] }
  | {
      readonly kind: "compare";
      readonly column: string;
      readonly operator: string;
      readonly value: string;
      readonly turned: boolean;
    };

const all: Readonly<Record<string, readonly string[]>> = {
  ...values,
  ratio: ["-1.5", "0.1", "2.0", "1e0"],
  slot: ["3", "30"],
  region: ["'r1'", "'r2'"],
};
const column = fc.constantFrom(...Object.keys(all));
const valueOf = (name: string): fc.Arbitrary<string> => fc.constantFrom(...all[name]!);
const leaf: fc.Arbitrary<Condition> = column.chain((name) =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant("compare" as const),
        column: fc.constant(name),
        operator: fc.constantFrom("=", "<>", "<", "<=", ">", ">="),
        value: valueOf(name),
        turned: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom("null" as const, "not null" as const),
        column: fc.constant(name),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("in" as const),
        column: fc.constant(name),
        values: fc.array(valueOf(name), { minLength: 1, maxLength: 3 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("between" as const),
        column: fc.constant(name),
        values: fc.tuple(valueOf(name), valueOf(name)),
      }),
    },
  ),
);
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: leaf },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constantFrom("and" as const, "or" as const),
        of: fc.array(tie("condition"), { minLength: 2, maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("not" as const), of: tie("condition") }) },
  ),
}));

/** As SQL; `constant` says how a constant of a column is written. */
function sqlOf(one: Condition, constant: (column: string, value: string) => string, quote = ""): string {
  const inner = (child: Condition): string => `(${sqlOf(child, constant, quote)})`;
  switch (one.kind) {
    case "and":
    case "or":
      return one.of.map(inner).join(` ${one.kind} `);
    case "not":
      return `NOT ${inner(one.of)}`;
    case "null":
    case "not null":
      return `${quote}${one.column}${quote} IS ${one.kind === "null" ? "NULL" : "NOT NULL"}`;
    case "in":
      return `${quote}${one.column}${quote} IN (${one.values.map((value) => constant(one.column, value)).join(", ")})`;
    case "between":
      return `${quote}${one.column}${quote} BETWEEN ${one.values.map((value) => constant(one.column, value)).join(" AND ")}`;
    case "compare": {
      const sides = [`${quote}${one.column}${quote}`, constant(one.column, one.value)];
      return (one.turned ? sides.reverse() : sides).join(` ${one.operator} `);
    }
  }
}

function inEngine(column: string, value: string): string {
  return `CAST(${value} AS ${types[column] ?? (column === "slot" ? "INTEGER" : "VARCHAR")})`;
}

/** In the forms in which clients write them. */
function inHint(column: string, value: string): string {
  if (column === "day") return value.length % 2 === 0 ? `CAST(${value} AS DATE)` : `DATE ${value}`;
  return column === "seen" ? `TIMESTAMP ${value}` : value;
}

const operations: Readonly<Record<string, string>> = {
  "=": "equal",
  "<": "lessThan",
  "<=": "lessThanOrEqual",
  ">": "greaterThan",
  ">=": "greaterThanOrEqual",
};

/** As a tree of operations. */
function treeOf(one: Condition): unknown {
  const typeOf = (name: string): string =>
    valueTypes[name] ?? (name === "slot" ? "int" : name === "region" ? "string" : "decimal");
  const column = (name: string): unknown => ({ op: "column", name, valueType: typeOf(name) });
  const literal = (name: string, value: string): unknown => ({
    op: "literal",
    value: value.replaceAll(/^'|'$/g, "").replaceAll("''", "'"),
    valueType: typeOf(name),
  });
  switch (one.kind) {
    case "and":
    case "or":
      return { op: one.kind, children: one.of.map(treeOf) };
    case "not":
      return { op: "not", children: [treeOf(one.of)] };
    case "null":
      return { op: "isNull", children: [column(one.column)] };
    case "not null":
      return { op: "not", children: [{ op: "isNull", children: [column(one.column)] }] };
    case "in":
      return {
        op: "in",
        children: [column(one.column), ...one.values.map((value) => literal(one.column, value))],
      };
    case "between": {
      const [low, high] = one.values.map((value) => literal(one.column, value));
      return {
        op: "and",
        children: [
          { op: "greaterThanOrEqual", children: [column(one.column), low] },
          { op: "lessThanOrEqual", children: [column(one.column), high] },
        ],
      };
    }
    case "compare": {
      const sides = [column(one.column), literal(one.column, one.value)];
      const children = one.turned ? sides.reverse() : sides;
      if (one.operator === "<>") return { op: "not", children: [{ op: "equal", children }] };
      return { op: operations[one.operator], children };
    }
  }
}

async function slotsWith(where: string): Promise<Set<string>> {
  const found = await session.rows<{ slot: string }>(
    `SELECT DISTINCT slot::VARCHAR AS slot FROM ${rows} WHERE ${where}`,
  );
  return new Set(found.map(({ slot }) => slot));
}

function hinted(predicates: readonly string[], json?: string): Set<string> {
  return new Set(
    [...hintedFiles(snapshot, { predicates, json, limit: undefined })].map(
      ({ partitionValues }) => partitionValues["slot"]!,
    ),
  );
}

test("every file with a row that fits is among those that a hint leaves, as SQL and as a tree", async () => {
  const pruned = { sql: 0, json: 0 };
  await fc.assert(
    fc.asyncProperty(condition, fc.constantFrom("", "`"), async (one, quote) => {
      const expected = await slotsWith(sqlOf(one, inEngine));
      const sql = hinted([sqlOf(one, inHint, quote)]);
      const json = hinted([], JSON.stringify(treeOf(one)));
      for (const slot of expected) {
        expect(sql).toContain(slot);
        expect(json).toContain(slot);
      }
      if (sql.size < 60) pruned.sql++;
      if (json.size < 60) pruned.json++;
    }),
    { numRuns: 400 },
  );
  expect(pruned.sql).toBeGreaterThan(200);
  expect(pruned.json).toBeGreaterThan(200);
});

const titled = (hint: string): [string, string] => [hint.slice(0, 60), hint];

describe("what a hint leaves", () => {
  test.each([
    ["slot = 5", 1],
    ["5 = slot", 1],
    ["slot IN (1, 2, 3) AND `region` = 'r1'", 1],
    ["NOT (slot >= 2)", 2],
    ["region IS NULL", 9],
    ["slot < 10L and not region is null", 8],
    ["slot BETWEEN 1 AND 1", 1],
    ["((slot) = 5)", 60],
  ])("%s: %i files", (hint, count) => {
    expect(hinted([hint]).size).toBe(count);
  });

  test("several hints all hold; one that is not understood is passed over", () => {
    expect(hinted(["slot >= 10", "slot < 12", "soundex(name) = 'x'"])).toEqual(new Set(["10", "11"]));
    const tree = {
      op: "equal",
      children: [
        { op: "column", name: "SLOT", valueType: "int" },
        { op: "literal", value: "10", valueType: "int" },
      ],
    };
    expect(hinted(["slot < 12"], JSON.stringify(tree))).toEqual(new Set(["10"]));
    const half = { op: "and", children: [tree, { op: "like", children: [] }, 7] };
    expect(hinted([], JSON.stringify(half))).toEqual(new Set(["10"]));
    expect(hinted([], JSON.stringify({ op: "or", children: [tree, { op: "like" }] })).size).toBe(60);
  });

  test.each(
    [
      "",
      "slot",
      "slot =",
      "slot = 5 OR",
      "slot = 5; DROP TABLE t",
      "slot = 5 -- ",
      "no_such = 5",
      "slot = 'five'",
      "name = 5",
      'region = "r1"',
      "name = 'a\\'",
      "slot <=> 5",
      "slot = NULL",
      "slot IN (1, NULL)",
      "slot IN (1, '2')",
      "seen = '2020-01-01 00:00:00'",
      "seen >= TIMESTAMP '2100-01-01 00:00:00'",
      "seen >= '2100-01-01'",
      "seen >= DATE '2100-01-01'",
      "NOT upper(region) = 'R1'",
      "CAST(slot AS STRING) = '5'",
      "slot = 5 = true",
      `${"(".repeat(10_000)}slot = 5${")".repeat(10_000)}`,
      `${"NOT ".repeat(10_000)}slot = 5`,
      `slot IN (${"5, ".repeat(600)}5)`,
      `slot = ${"9".repeat(100)}`,
      `slot = 5 ${" ".repeat(70_000)}`,
    ].map(titled),
  )("all files, for %s", (_, hint) => {
    expect(hinted([hint]).size).toBe(60);
  });

  test.each(
    [
      "{",
      "null",
      "[]",
      "{}",
      '{"op":"and"}',
      '{"op":"in","children":[{"op":"column","name":"slot","valueType":"int"}]}',
      '{"op":"equal","children":[{"op":"column","name":"slot","valueType":"string"},{"op":"literal","value":"5","valueType":"string"}]}',
      '{"op":"equal","children":[{"op":"column","name":"slot","valueType":"int"},{"op":"literal","value":"5","valueType":"long"}]}',
      '{"op":"equal","children":[{"op":"column","name":"slot","valueType":"int"},{"op":"literal","value":null,"valueType":"int"}]}',
      '{"op":"equal","children":[{"op":"column","name":"slot","valueType":"int"},{"op":"column","name":"n","valueType":"int"}]}',
      '{"op":"equal","children":[{"op":"column","name":"seen","valueType":"timestamp"},{"op":"literal","value":"2100-01-01 00:00:00","valueType":"timestamp"}]}',
      '{"op":"toString","children":[1,2]}',
      `${'{"op":"not","children":['.repeat(5000)}1${"]}".repeat(5000)}`,
    ].map(titled),
  )("all files, for the tree %s", (_, tree) => {
    expect(hinted([], tree).size).toBe(60);
  });

  test("as many files as a limit needs, but only without other hints", () => {
    const files = (predicates: string[], limit: number): number =>
      [...hintedFiles(snapshot, { predicates, json: undefined, limit })].length;
    expect(files([], 0)).toBe(0);
    expect(files([], 3)).toBeLessThan(4);
    expect(files([], 1000)).toBe(60);
    expect(files(["n > 3"], 1)).toBeGreaterThan(1);
  });
});
