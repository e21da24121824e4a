import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Catalog } from "../catalog/index.ts";
import { type Engine, type Session, openEngine } from "../engine/index.ts";
import { openStore } from "../storage/index.ts";
import { scan } from "../table/index.ts";
import { type Derivation, bringUpToDate } from "./derive.ts";

let folder: string;
let engine: Engine;
let session: Session;
let catalog: Catalog;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-derive-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 1 });
  session = await engine.session();
  catalog = await Catalog.open(openStore(join(folder, "lake")));
});
afterEach(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true });
});

function derivation(version: number, more: Partial<Derivation> = {}): Derivation {
  return {
    name: "unified.t",
    inputs: { "raw.x": { tableId: "one", version } },
    rule: "sum",
    identifying: [],
    query: () => Promise.resolve(`SELECT ${version}::BIGINT AS v`),
    ...more,
  };
}

const derive = (one: Derivation): ReturnType<typeof bringUpToDate> => bringUpToDate(catalog, session, one);

async function rows(): Promise<unknown[]> {
  return session.rows(`FROM ${await scan(session, await (await catalog.find("unified.t"))!.snapshot())}`);
}

test("written once, then not again until an input, the rule, the day or an input's table is another", async () => {
  expect(await derive(derivation(1))).toMatchObject({ kind: "written", why: "never made before" });
  expect(await derive(derivation(1))).toEqual({ kind: "unchanged", version: 1 });
  const newer = await derive(derivation(2));
  expect(newer).toMatchObject({ kind: "written", why: "raw.x changed (version 1 → 2)" });
  const otherTable = { inputs: { "raw.x": { tableId: "two", version: 2 } } };
  expect(await derive(derivation(2, otherTable))).toMatchObject({ kind: "written", version: 3 });
  expect(await derive(derivation(2, { ...otherTable, rule: "max" }))).toMatchObject({ kind: "written" });
  expect(await derive(derivation(2, { ...otherTable, rule: "max", asOf: "2026-01-02" }))).toMatchObject({
    kind: "written",
    why: "a new day (2026-01-02)",
  });
});

test("what was made from newer inputs by the same rule is left alone", async () => {
  await derive(derivation(3));
  expect(await derive(derivation(2))).toEqual({ kind: "unchanged", version: 1 });
  expect(await rows()).toEqual([{ v: 3 }]);
});

test("a commit between the judgement and the write is judged again", async () => {
  await derive(derivation(1));
  let interrupted = false;
  const slow = derivation(2, {
    query: async () => {
      if (!interrupted) {
        interrupted = true;
        await derive(derivation(3));
      }
      return "SELECT 2::BIGINT AS v";
    },
  });
  expect(await derive(slow)).toEqual({ kind: "unchanged", version: 2 });
  expect(await rows()).toEqual([{ v: 3 }]);
});

test("a query that was made from one version of the table is written over no other", async () => {
  const { version } = (await derive(derivation(1))) as { version: number };
  await derive(derivation(1, { rule: "by somebody else" }));
  expect(await derive(derivation(2, { basedOn: { version } }))).toEqual({ kind: "overtaken" });
  expect(await derive(derivation(2, { basedOn: { version: undefined } }))).toEqual({ kind: "overtaken" });
  expect(await derive(derivation(2, { basedOn: { version: version + 1 } }))).toMatchObject({
    kind: "written",
  });
});

test("a query with more columns brings them into the table", async () => {
  await derive(derivation(1));
  const wider = derivation(2, {
    identifying: ["mail"],
    query: async () => "SELECT 2::BIGINT AS v, 'a@x.test' AS mail",
  });
  expect(await derive(wider)).toMatchObject({ kind: "written" });
  expect(await rows()).toEqual([{ v: 2, mail: "a@x.test" }]);
  const { files } = await (await catalog.find("unified.t"))!.snapshot();
  expect([...files][0]!.stats).not.toContain("a@x.test");
});
