import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OneCopyError } from "../../src/base/index.ts";
import { type Session } from "../../src/engine/index.ts";
import { FaultyStore, scripted } from "../../src/storage/index.ts";
import { Table, scan } from "../../src/table/index.ts";
import { type Operation, type Row, operationsOf, overtaken, start, tableToRace } from "./race.ts";
import { type Workbench, openWorkbench } from "../workbench.ts";

let base: string;
let bench: Workbench;
let session: Session;
let operations: Readonly<Record<string, Operation>>;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-conflict-");
  ({ base, session } = bench);
  operations = operationsOf(session);
});
afterAll(async () => {
  await bench.close();
});

let count = 0;
/** `+`: committed after the winner; `-`: a conflict, as a value that names the winner; `!`: refused by name. */
async function race(name: string, winner: string, vectors: boolean): Promise<string> {
  const lake = join(base, String(count++));
  const other = await tableToRace(session, lake, vectors);
  let overtook = false;
  const table = await Table.open(
    overtaken(other.store, async () => {
      overtook = true;
      expect((await operations[winner]!.run(other)).kind, `${winner} itself`).toBe("committed");
    }),
    "t",
  );
  const { version } = await other.snapshot();
  let mark: string;
  try {
    const outcome = await operations[name]!.run(table);
    mark = outcome.kind === "committed" ? "+" : "-";
    if (outcome.kind === "conflict" && "winner" in outcome)
      expect(outcome, `${name} after ${winner}`).toMatchObject({
        winner: version + 1,
        reason: expect.any(String),
      });
  } catch (error) {
    if (!(error instanceof OneCopyError) || !error.code.startsWith("table.")) throw error;
    mark = "!";
  }
  expect(overtook, `${winner} came before ${name}`).toBe(true);
  const won = operations[winner]!.rows(start);
  const expected = mark === "+" ? operations[name]!.rows(won) : won;
  const snapshot = await other.snapshot();
  const columns = snapshot.schema.fields.map((field) => field.name);
  const texts = (rows: readonly Row[]): string[] =>
    rows.map((one) => JSON.stringify(columns.map((column) => one[column] ?? null))).sort();
  const found = await session.rows<Row>(`SELECT * FROM ${await scan(session, snapshot)}`);
  expect(texts(found), `rows after ${winner}, then ${name}`).toEqual(texts(expected));
  if (snapshot.properties["delta.enableDeletionVectors"] !== "true" && mark === "+")
    expect(snapshot.files.withDeletedRows, `vectors after ${winner}, then ${name}`).toBe(0);
  await rm(lake, { recursive: true });
  return mark;
}

/**
 * Rows: who is late; columns: who came first, in the same order. Data operations look again at the newest version where
 * Delta's rules would give up; what replaces everything, and changes of the table itself, leave that to the caller.
 */
const outcomes: Readonly<Record<string, string>> = {
  append: "+++++++++---+++++-",
  "overwrite all": "--------+---+--+--",
  "overwrite where": "+++++++++!!++!+++!",
  "overwrite partitions": "--+-+-+-+---+--+--",
  delete: "+++++++++++++!++++",
  update: "+++++++++++++!+++!",
  merge: "+++++++++++!+!+++!",
  compact: "+-+-+-+-+---++-+--",
  "add column": "++++++++----------",
  "drop column": "++++++++----------",
  "rename column": "------------------",
  "forbid nulls": "++++++-+----------",
  identifying: "++++++++----------",
  "append only": "++++++++----------",
  "vectors on": "++++++++----------",
  "vectors off": "++++++++----------",
  restore: "------------------",
  replace: "------------------",
};
/** The same of a table with deletion vectors, where that is another story. */
const withVectors: Readonly<Record<string, string>> = {
  append: "+++++++++---+++++-",
  "overwrite all": "--------+---+-+---",
  "overwrite where": "+++++++++!!++!+++!",
  "overwrite partitions": "--+-+-+-+---+-+---",
  delete: "+++++++++++++!++++",
  update: "+++++++++++++!+++!",
  merge: "+++++++++++!+!+++!",
  compact: "+-+-+-+-+---+-+---",
  "vectors off": "+-------".padEnd(18, "-"),
};

/** One pair in so many, others in each row; `CONFLICT_PAIRS=all` for all 486. */
const stride = process.env["CONFLICT_PAIRS"] === "all" ? 1 : 7;

describe.each([
  { how: "copy-on-write", vectors: false, table: outcomes },
  { how: "deletion vectors", vectors: true, table: withVectors },
])("$how: who is late commits as if after the winner, or not at all", ({ vectors, table }) => {
  test.each(Object.entries(table))(
    "%s",
    async (name, expected) => {
      const offset = Object.keys(operations).indexOf(name) * 2;
      for (const [i, winner] of Object.keys(operations).entries()) {
        if ((i + offset) % stride !== 0) continue;
        expect(`${winner}: ${await race(name, winner, vectors)}`).toBe(`${winner}: ${expected[i]!}`);
      }
    },
    300_000,
  );
});

describe("a load with a transaction is in the table once", () => {
  const load = {
    mode: "append",
    query: "SELECT 77::BIGINT AS id",
    transactions: [{ appId: "load", version: 3 }],
  } as const;
  const isCommit = (key: string): boolean => /_delta_log\/\d+\.json$/.test(key);
  const idsIn = async (table: Table): Promise<unknown> =>
    await session.rows(
      `SELECT count(*) FILTER (id = 77)::INTEGER AS loaded, count(*)::INTEGER AS rows FROM ${await scan(session, await table.snapshot())}`,
    );

  const kinds = ["fail-before", "fail-after", "unknown-before", "unknown-after", "duplicate"] as const;
  test.each(kinds)("when its put ends with %s, and it is tried again", async (kind) => {
    const other = await tableToRace(session, join(base, `load-${kind}`), false);
    const plan = scripted([{ on: "put", key: isCommit, fault: { kind } }]);
    const table = await Table.open(new FaultyStore(other.store, plan), "t");
    const first = await table.write(session, load).then(
      ({ kind: how }) => how,
      (error: unknown) => (error as OneCopyError).code,
    );
    expect(["committed", "table.commit_failed", "table.commit_unknown"]).toContain(first);
    expect(["committed", "already"]).toContain((await other.write(session, load)).kind);
    expect(await idsIn(other)).toEqual([{ loaded: 1, rows: start.length + 1 }]);
    expect(await other.write(session, { ...load, mode: "overwrite" })).toMatchObject({ kind: "already" });
  });

  test("when the same load of another process comes first", async () => {
    const other = await tableToRace(session, join(base, "load-twice"), false);
    const first = async (): Promise<void> => void (await other.write(session, load));
    const table = await Table.open(overtaken(other.store, first), "t");
    expect(await table.write(session, load)).toMatchObject({ kind: "already" });
    expect(await idsIn(other)).toEqual([{ loaded: 1, rows: start.length + 1 }]);
  });
});
