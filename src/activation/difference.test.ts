import { mkdtemp, readFile, readdir, rm, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fixedClock } from "../base/index.ts";
import { Catalog } from "../catalog/index.ts";
import { type Engine, type Session, literal, openEngine } from "../engine/index.ts";
import { schemaOf } from "../schema/index.ts";
import { openStore } from "../storage/index.ts";
import { LEDGER, type SyncDefinition, deliver } from "./index.ts";

/**
 * A destination that takes each file once, and does what its rows say, holds exactly the present segment after every
 * run: whatever is edited in between, whatever rule, columns or format are configured, and wherever a run is killed.
 */

let engine: Engine;
let session: Session;

beforeAll(async () => {
  engine = await openEngine({ spillFolder: tmpdir(), memoryLimit: "300MB" });
  session = await engine.session();
});

afterAll(async () => {
  session.close();
  await engine.close();
});

interface Person {
  readonly city: string | null;
  readonly orders: number | null;
}
type People = Readonly<Record<string, Person>>;
type ColumnName = keyof Person;

interface Step {
  /** The whole table; undefined: it stays as it is. */
  readonly people: People | undefined;
  readonly least: number | undefined;
  readonly columns: readonly ColumnName[] | undefined;
  readonly format: "csv" | "jsonl" | undefined;
  /** After the delivery: the run was killed before its last entry, and before its file had its name or after. */
  readonly killed: "before the file" | "after the file" | undefined;
  /** The files of all old versions are cleaned up. */
  readonly cleaned: boolean;
}

const person = fc.record({
  city: fc.constantFrom(null, "", "Bonn", 'a "quoted",\nline', "=1+1"),
  orders: fc.constantFrom(null, 0, 1, 2, 3),
});
const people: fc.Arbitrary<People> = fc.dictionary(fc.constantFrom("p1", "p2", "p3", "p4", "p5"), person, {
  noNullPrototype: true,
});
/** In about half of the steps; what is killed, or cleaned up, more rarely. */
function sometimes<T>(drawn: fc.Arbitrary<T>, weight = 3): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, { arbitrary: drawn, weight });
}
const step: fc.Arbitrary<Step> = fc.record({
  people: sometimes(people, 9),
  least: sometimes(fc.integer({ min: 0, max: 2 })),
  columns: sometimes(fc.subarray(["city", "orders"] as ColumnName[], { minLength: 1 })),
  format: sometimes(fc.constantFrom("csv" as const, "jsonl" as const)),
  killed: sometimes(fc.constantFrom("before the file" as const, "after the file" as const), 2),
  cleaned: sometimes(fc.constant(true), 1).map((drawn) => drawn === true),
});

/** What a destination knows, and the files that it has taken. */
class Destination {
  readonly people = new Map<string, Record<string, string | null>>();
  private readonly taken = new Map<string, string>();

  async take(file: string): Promise<void> {
    const [name, text] = [basename(file), await readFile(file, "utf8")];
    if (this.taken.has(name)) return expect(text).toBe(this.taken.get(name));
    this.taken.set(name, text);
    if (name.includes("-full.")) this.people.clear();
    for (const { operation, profile_id: id, ...values } of name.endsWith(".csv")
      ? csvRows(text)
      : jsonRows(text)) {
      const isKnown = this.people.has(id!);
      expect({ id, operation, isKnown }).toEqual({
        id,
        operation,
        isKnown: operation === "changed" || operation === "removed",
      });
      if (operation === "removed") this.people.delete(id!);
      else this.people.set(id!, values);
    }
  }
}

type Cells = Record<string, string | null>;

function jsonRows(text: string): Cells[] {
  const rows = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
    ),
  );
}

/** RFC 4180; an empty field without quotes is null. */
function csvRows(text: string): Cells[] {
  const records: (string | null)[][] = [[]];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)) {
    records.at(-1)!.push(quoted === undefined ? bare || null : quoted.replaceAll('""', '"'));
    if (end === "\n") records.push([]);
  }
  expect(records.pop()).toEqual([]);
  const [names, ...rows] = records;
  return rows.map((row) => Object.fromEntries(names!.map((name, i) => [name!, row[i]!])));
}

test("delivered files add up to the segment", async () => {
  await fc.assert(
    fc.asyncProperty(people, fc.array(step, { minLength: 4, maxLength: 8 }), async (initial, steps) => {
      const folder = await mkdtemp(join(tmpdir(), "onecopy-difference-"));
      try {
        await follow(folder, initial, steps);
      } finally {
        await rm(folder, { recursive: true });
      }
    }),
    { numRuns: 8 },
  );
});

async function follow(folder: string, initial: People, steps: readonly Step[]): Promise<void> {
  const open = (): Promise<Catalog> => Catalog.open(openStore(join(folder, "lake")));
  const destination = new Destination();
  const revisions: SyncDefinition[] = [];
  let catalog = await open();
  let present = initial;
  let [least, columns, format]: [number, readonly ColumnName[], "csv" | "jsonl"] = [
    1,
    ["city", "orders"],
    "jsonl",
  ];
  await setPeople(catalog, present);
  for (const [day, step] of steps.entries()) {
    if (step.people !== undefined) await setPeople(catalog, (present = step.people));
    if (step.cleaned) await cleanUp(folder, catalog);
    least = step.least ?? least;
    columns = step.columns ?? columns;
    format = step.format ?? format;
    revisions.push({
      rule: { attribute: "orders", op: ">=", value: least },
      columns: [...columns],
      destination: { folder: "out", format },
    });
    const run = (): ReturnType<typeof deliver> =>
      deliver({
        session,
        catalog,
        clock: fixedClock(new Date(Date.UTC(2026, 0, 1 + day))),
        sync: "s",
        revision: revisions.length,
        definitionAt: (revision) => Promise.resolve(revisions[revision - 1]),
        asOf: "2026-01-01",
        baseFolder: folder,
      });
    const sent = await run();
    for (const { file } of step.killed === "before the file" ? sent.slice(0, -1) : sent)
      await destination.take(file);
    if (step.killed !== undefined && sent.length > 0) {
      if (step.killed === "before the file") await unlink(sent.at(-1)!.file);
      await forgetLastEntry(folder, catalog);
      catalog = await open();
      continue;
    }
    const members = Object.entries(present).filter(([, { orders }]) => orders !== null && orders >= least);
    const expected = members.map(([id, values]) => [
      id,
      Object.fromEntries(columns.map((name) => [name, textOf(values[name])])),
    ]);
    // What is not delivered any more is nobody's business: only the present columns are looked at.
    const held = [...destination.people].map(([id, values]) => [
      id,
      Object.fromEntries(columns.map((name) => [name, values[name]])),
    ]);
    expect(Object.fromEntries(held)).toEqual(Object.fromEntries(expected));
    expect(await run()).toEqual([]);
  }
}

function textOf(value: string | number | null): string | null {
  return value === null ? null : String(value);
}

async function setPeople(catalog: Catalog, present: People): Promise<void> {
  const name = "unified.customer_360";
  const types = { profile_id: "VARCHAR", city: "VARCHAR", orders: "BIGINT" };
  const schema = schemaOf(Object.entries(types).map(([column, type]) => ({ name: column, type })));
  const table = (await catalog.find(name)) ?? (await catalog.create(name, { schema }));
  const rows = Object.entries(present).map(
    ([id, { city, orders }]) =>
      `SELECT ${literal(id)} AS profile_id, CAST(${literal(city)} AS VARCHAR) AS city, CAST(${literal(orders)} AS BIGINT) AS orders`,
  );
  const none = "SELECT '' AS profile_id, '' AS city, CAST(0 AS BIGINT) AS orders WHERE false";
  const outcome = await table.write(session, {
    mode: "overwrite",
    query: [none, ...rows].join(" UNION ALL "),
  });
  expect(outcome.kind).toBe("committed");
}

async function cleanUp(folder: string, catalog: Catalog): Promise<void> {
  const table = (await catalog.find("unified.customer_360"))!;
  const { files } = await table.snapshot();
  const data = join(folder, "lake", table.folder, "data");
  const kept = new Set([...files].map(({ path }) => basename(path)));
  for (const name of await readdir(data).catch(() => [])) if (!kept.has(name)) await unlink(join(data, name));
}

async function forgetLastEntry(folder: string, catalog: Catalog): Promise<void> {
  const log = join(folder, "lake", (await catalog.find(LEDGER))!.folder, "_delta_log");
  const commits = (await readdir(log)).filter((name) => /^\d+\.json$/.test(name)).sort();
  await unlink(join(log, commits.at(-1)!));
}
