import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Session } from "../../../src/engine/index.ts";
import { Table, scan } from "../../../src/table/index.ts";
import { type Operation, type Row, operationsOf, overtaken, start, tableToRace } from "../../model/race.ts";
import { LineProcess } from "../line-process.ts";
import { Readers, sorted } from "./readers.ts";
import { type Workbench, openWorkbench } from "../../workbench.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

let base: string;
let bench: Workbench;
let session: Session;
let operations: Readonly<Record<string, Operation>>;
let deltaRs: LineProcess;
let readers: Readers;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-race-");
  ({ base, session } = bench);
  operations = operationsOf(session);
  readers = new Readers();
  deltaRs = new LineProcess(`${root}/.venv/bin/python`, [
    "-W",
    "ignore",
    `${root}/test/interop/table/race.py`,
  ]);
});
afterAll(async () => {
  await deltaRs.close();
  await readers.close();
  await bench.close();
});

/** What delta-rs does, and which of our operations comes to the same. */
const winners = {
  append: "append",
  delete: "delete",
  overwrite: "overwrite all",
  compact: "compact",
} as const;

/** Rows: ours, late; columns: delta-rs, in the order of `winners`. `+`: committed after it; `-`: a conflict. */
const outcomes: Readonly<Record<string, string>> = {
  append: "++++",
  "overwrite all": "----",
  delete: "++++",
  update: "++++",
  merge: "++++",
  compact: "++--",
  "add column": "++++",
  "rename column": "----",
  identifying: "++++",
  restore: "----",
};

test.each(Object.entries(outcomes))(
  "%s, after delta-rs came first: as if after it, or not at all, in both formats",
  async (name, expected) => {
    for (const [i, [winner, same]] of Object.entries(winners).entries()) {
      const lake = join(base, `${name}-${winner}`.replaceAll(" ", "-"));
      const before = await tableToRace(session, lake, false);
      const { store } = before;
      const { version: from } = await before.snapshot();
      const first = async (): Promise<void> =>
        void (await deltaRs.ask({ folder: join(lake, "t"), operation: winner }));
      const outcome = await operations[name]!.run(await Table.open(overtaken(store, first), "t"));
      const mark = outcome.kind === "committed" ? "+" : "-";
      expect(`${winner}: ${mark}`).toBe(`${winner}: ${expected[i]!}`);
      const won = operations[same]!.rows(start);
      const rows = mark === "+" ? operations[name]!.rows(won) : won;
      const table = await Table.open(store, "t");
      expect((await table.heal()).blocked).toBeUndefined();
      const snapshot = await table.snapshot();
      const columns = snapshot.schema.fields.map((field) => field.name);
      const texts = (some: readonly Row[]): string[] =>
        some.map((one) => JSON.stringify(columns.map((column) => one[column] ?? null))).sort();
      const relation = await scan(session, snapshot);
      expect(texts(await session.rows<Row>(`SELECT * FROM ${relation}`)), winner).toEqual(texts(rows));
      if (!name.endsWith("column"))
        expect(texts(await replayed(table, from)), `changes of ${winner} and ${name}`).toEqual(texts(rows));
      expect(snapshot.iceberg?.version).toBe(snapshot.version);
      const answers = await readers.read({
        delta: join(lake, "t"),
        version: snapshot.version,
        metadata: `file://${store.locate(snapshot.iceberg!.metadataKey)}`,
        filter: null,
        readers: ["pyiceberg"],
      });
      const plain = rows.map((one) => columns.map((column) => textOf(one[column])));
      expect(answers["pyiceberg"], winner).toEqual({ columns, rows: sorted(plain) });
    }
  },
  300_000,
);

/** The rows at the start, with the changes since. */
async function replayed(table: Table, from: number): Promise<readonly Row[]> {
  const rows = [...start];
  const changes = await session.rows<Row>(
    `SELECT * EXCLUDE (_commit_timestamp) FROM ${await table.changes(session, { from })} ORDER BY _commit_version, _change_type IN ('insert', 'update_postimage')`,
  );
  for (const { _change_type: type, _commit_version: version, ...one } of changes) {
    if (type === "insert" || type === "update_postimage") {
      rows.push(one);
      continue;
    }
    const text = JSON.stringify(one);
    const at = rows.findIndex((there) => JSON.stringify(there) === text);
    if (at < 0) throw new Error(`version ${String(version)} took away ${text}, which was not there`);
    rows.splice(at, 1);
  }
  return rows;
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value as string | number);
}
