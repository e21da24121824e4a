import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaOf } from "../../schema/index.ts";
import { dyingStore, openStore } from "../../storage/index.ts";
import { type CommitOutcome, Table } from "../index.ts";
import { type TestLake, append, openTestLake } from "./lake-for-test.ts";

let lake: TestLake;
beforeAll(async () => {
  // Where outcomes are in doubt, what a process had sent before it died may arrive all the same.
  lake = await openTestLake(openStore);
});
afterAll(async () => {
  await lake.remove();
});

const operations: [name: string, run: (table: Table) => Promise<CommitOutcome>, now: string[]][] = [
  [
    "rename",
    async (table) => await table.evolve(lake.session, [{ kind: "rename", path: ["name"], to: "n" }]),
    ['{"id":1,"n":"a"}', '{"id":2,"n":"b"}'],
  ],
  ["restore", async (table) => await table.restore({ version: 1 }), ['{"id":1,"name":"a"}']],
  [
    "replace",
    async (table) =>
      await table.replace(
        lake.session,
        { schema: schemaOf([{ name: "day", type: "DATE" }]) },
        "SELECT DATE '2020-01-01' AS day",
      ),
    ['{"day":"2020-01-01"}'],
  ],
];
const old = ['{"id":1,"name":"a"}', '{"id":2,"name":"b"}'];
const queries = ["SELECT 1 AS id, 'a' AS name", "SELECT 2 AS id, 'b' AS name"];

describe("a process that dies before any of its changes leaves the table as it was", () => {
  test.each(operations)("%s", async (name, run, now) => {
    for (let step = 1; ; step++) {
      const made = await lake.make(`${name}/t${step}`, queries);
      const { store, died } = dyingStore(lake.store, step);
      const outcome = await run(await Table.open(store, made.folder)).catch(() => undefined);
      const after = await Table.open(lake.store, made.folder);
      expect({ step, rows: await lake.rows(after) }).toEqual({ step, rows: died() ? old : now });
      if (died()) {
        await append(lake.session, after, "SELECT 3 AS id");
        continue;
      }
      expect(outcome).toMatchObject({ kind: "committed" });
      expect(step).toBeGreaterThan(2);
      return;
    }
  });

  test("clone: there is none, or a whole one, and never one without its marker", async () => {
    const source = await lake.make("clone/source", queries);
    for (let step = 1; ; step++) {
      const { store, died } = dyingStore(lake.store, step);
      const folder = `clone/t${step}`;
      await (await Table.open(store, source.folder)).clone(folder).catch(() => undefined);
      const clone = await Table.open(lake.store, folder).catch(() => undefined);
      expect({ step, isThere: clone !== undefined }).toEqual({ step, isThere: !died() });
      if (clone === undefined) {
        expect(await source.clone(folder)).toMatchObject({ kind: "committed" });
        continue;
      }
      expect(await lake.rows(clone)).toEqual(old);
      const markers: string[] = [];
      for await (const { key } of lake.store.list("clone/source/_iceberg/clone/")) markers.push(key);
      const bodies = await Promise.all(markers.map(async (key) => await lake.store.get(key)));
      const marked = bodies.map((found) => found.kind === "found" && Buffer.from(found.body).toString());
      expect(marked.filter((body) => body !== false && body.includes(`"${folder}"`))).toHaveLength(1);
      expect(step).toBeGreaterThan(3);
      return;
    }
  });
});
