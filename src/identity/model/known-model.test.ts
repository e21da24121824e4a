import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { join } from "node:path";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";
import { type KnownModel, type ResolutionTables, resolve } from "../resolve.ts";
import { loadRetail, retailInputs } from "../../../test/retailer.ts";

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-known-model-", { threads: 2 });
  await loadRetail(bench.session, join(bench.base, "retail"), 2500, 11);
}, 60_000);
afterAll(async () => {
  await bench.close();
});

async function keep(tables: ResolutionTables): Promise<KnownModel> {
  await bench.session.run(`CREATE OR REPLACE TABLE kept_model AS FROM ${tables.model} ORDER BY random();
    CREATE OR REPLACE TABLE kept_learned AS FROM ${tables.learned} ORDER BY random();
    CREATE OR REPLACE TABLE kept_shared AS FROM ${tables.sharedValues}`);
  return { model: "kept_model", learned: "kept_learned", sharedValues: "kept_shared" };
}

/** Who is with whom: the smallest record of each one's profile. */
async function partition(tables: ResolutionTables): Promise<unknown[]> {
  return bench.session
    .rows(`SELECT source, record_id, min(source || ':' || record_id) OVER (PARTITION BY profile_id) AS person
    FROM ${tables.assignments} ORDER BY ALL`);
}

const edges = (tables: ResolutionTables) => bench.session.rows(`FROM ${tables.edges} ORDER BY ALL`);

describe("a model that is known", () => {
  test.each([
    ["too few records for blocking", 500],
    ["with blocking", 2500],
  ])(
    "gives the people and weights that the run had which trained it, for any order of rows: %s",
    async (_, most) => {
      const part = (order: string) =>
        retailInputs((source) => `(FROM all_${source} WHERE n % 2500 < ${most} ORDER BY ${order})`);
      const trained = await resolve(bench.session, part("n"));
      const model = await keep(trained.tables);
      const [people, weights] = [await partition(trained.tables), await edges(trained.tables)];
      expect(new Set(people.map((row) => JSON.stringify((row as { person: unknown }).person))).size).toBe(
        trained.profiles,
      );

      const again = await resolve(bench.session, part("hash(n)"), { model });
      expect(again.model).toEqual(trained.model);
      expect(await partition(again.tables)).toEqual(people);
      expect(await edges(again.tables)).toEqual(weights);
    },
  );

  test("weighs a pair alike, whatever other records there are", async () => {
    const trained = await resolve(bench.session, retailInputs());
    const model = await keep(trained.tables);
    await bench.session.run(`CREATE OR REPLACE TABLE before AS FROM ${trained.tables.edges}`);
    const fewer = await resolve(
      bench.session,
      retailInputs((source) => `(FROM all_${source} WHERE hash(n) % 10 > 0)`),
      { model },
    );
    const [compared] = await bench.session.rows<{ same: number; other: number }>(`
      SELECT count(*) FILTER (b.weight = a.weight) AS same, count(*) FILTER (b.weight <> a.weight) AS other
      FROM before b JOIN ${fewer.tables.edges} a USING (left_source, left_id, right_source, right_id)`);
    expect(compared!.same).toBeGreaterThan(1000);
    // Whose a mailbox is changes with those who use it; nothing else does.
    expect(compared!.other).toBeLessThan(compared!.same / 50);
  });
});
