import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scan } from "../../../src/table/index.ts";
import { type TestLake, openTestLake } from "./lake.ts";
import {
  type Plain,
  type RandomTable,
  type Type,
  leafColumns,
  randomTable,
  sqlType,
} from "./random-types.ts";
import { Readers, type Rows, readerNames, sorted } from "./readers.ts";

/** Tables; `TYPE_RUNS` for more. */
const runs = Number(process.env["TYPE_RUNS"] ?? 12);

let lake: TestLake;
let readers: Readers;
beforeAll(async () => {
  lake = await openTestLake();
  readers = new Readers();
});
afterAll(async () => {
  await readers.close();
  await lake.remove();
});

let count = 0;
const property = fc.asyncProperty(randomTable, async (random) => {
  const select = (row: RandomTable["rows"][number], i: number): string =>
    `SELECT ${i}::BIGINT AS id, ${row.map(({ sql }, j) => `CAST(${sql} AS ${sqlType(random.columns[j]!.type)}) AS c${j}`).join(", ")}`;
  const selects = random.rows.map(select);
  const table = await lake.make(`random/t${count++}`, selects[0]!);
  const half = Math.ceil(selects.length / 2);
  for (const some of [selects.slice(0, half), selects.slice(half)])
    if (some.length > 0)
      expect(
        await table.write(lake.session, { mode: "append", query: some.join(" UNION ALL ") }),
      ).toMatchObject({ kind: "committed" });
  const request = await lake.request(table);
  const answers = await readers.read(request);
  const written = random.rows.map((row, i) => [String(i), ...row.map(({ plain }) => cell(plain))]);
  for (const reader of readerNames) {
    const answer = answers[reader]!;
    if ("error" in answer) expect({ reader, ...answer }).toEqual({ reader, rows: [] });
    else
      expect({ reader, rows: comparable(reader, random, answer.rows) }).toEqual({
        reader,
        rows: comparable(reader, random, written),
      });
  }
  await expectNoRowLost(table, random);
});

/** Files are left out by statistics: never one with a row that matches. */
async function expectNoRowLost(
  table: Awaited<ReturnType<TestLake["make"]>>,
  random: RandomTable,
): Promise<void> {
  const snapshot = await table.snapshot();
  const all = await scan(lake.session, snapshot);
  for (const { path, type } of leafColumns(random)) {
    const column = path.map((name) => `"${name}"`).join(".");
    const conditions = [
      `${column} IS NULL`,
      `${column} IS NOT NULL`,
      ...type.values.flatMap(({ sql }) =>
        ["=", "<>", "<", ">", "<=", ">="].map((op) => `${column} ${op} ${sql}`),
      ),
      `${column} IN (${type.values.map(({ sql }) => sql).join(", ")})`,
    ];
    for (const where of conditions) {
      const pruned = await scan(lake.session, snapshot, { where });
      const [found] = await lake.session.rows<{ here: number; all: number }>(
        `SELECT (SELECT count(*) FROM ${pruned} WHERE ${where}) AS here, (SELECT count(*) FROM ${all} WHERE ${where}) AS "all"`,
      );
      expect({ where, rows: found!.here }).toEqual({ where, rows: found!.all });
    }
  }
}

/** PyIceberg 0.12 turns some null lists, and null maps, of structs into empty ones. */
function comparable(reader: string, { columns }: RandomTable, rows: Rows): Rows {
  if (reader !== "pyiceberg") return sorted(rows);
  const one = (type: Type, text: string | null): string | null =>
    type.kind === "leaf"
      ? text
      : cell(withoutNullLists(type, text === null ? null : (JSON.parse(text) as Plain)));
  return sorted(rows.map(([id, ...cells]) => [id!, ...cells.map((text, i) => one(columns[i]!.type, text))]));
}

function withoutNullLists(type: Type, plain: Plain): Plain {
  const item = type.kind === "list" ? type.element : type.kind === "map" ? type.value : undefined;
  if (plain === null) return item?.kind === "struct" ? [] : null;
  if (type.kind === "leaf") return plain;
  if (type.kind === "list")
    return (plain as readonly Plain[]).map((one) => withoutNullLists(type.element, one));
  if (type.kind === "map")
    return (plain as readonly (readonly [Plain, Plain])[]).map(([key, value]) => [
      key,
      withoutNullLists(type.value, value),
    ]);
  const fields = plain as Readonly<Record<string, Plain>>;
  return Object.fromEntries(
    type.fields.map(({ name, type: of }) => [name, withoutNullLists(of, fields[name]!)]),
  );
}

/** As canonical.py writes it. */
function cell(plain: Plain): string | null {
  return plain === null || typeof plain === "string" ? plain : JSON.stringify(plain);
}

test("random types and values at their edges: every reader has the rows that were written, and filters lose none", async () => {
  await fc.assert(property, { numRuns: runs });
}, 1_200_000);
