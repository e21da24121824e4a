import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadRetail, retailInputs } from "../../../test/retailer.ts";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";
import { resolveHouseholds } from "../household/households.ts";
import { resolveHouseholdsOf } from "../household/touched.ts";
import { type KnownModel, type Resolution, type ResolveOptions, resolve } from "../resolve.ts";
import type { StewardLink } from "../steward/on-nodes.ts";
import { type Increment, resolveChanges } from "./resolve-changes.ts";

const model: KnownModel = { model: "kept_model", learned: "kept_learned", sharedValues: "kept_shared" };
const sources = retailInputs().map(({ source }) => source);
const now = new Date("2026-01-01");
const later = new Date("2026-01-02");

let bench: Workbench;
let count: number;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-increment-", { threads: 2 });
  count = await loadRetail(bench.session, join(bench.base, "retail"), 2200, 23);
}, 60_000);
afterAll(async () => {
  await bench.close();
});

const run = (sql: string) => bench.session.run(sql);

/** What happens to the records, in per mille of them. */
interface Batch {
  readonly seed: number;
  readonly come: number;
  readonly go: number;
  /** Records that say from now on what another one of their source says. */
  readonly become: number;
  /** Records that lose some of their values. */
  readonly lose: number;
  /** Records that have from now on one of three telephones. */
  readonly share: number;
}

const chosen = (seed: number, what: string, perMille: number): string =>
  `hash(n, ${seed}, '${what}') % 1000 < ${perMille}`;

async function begin(seed: number, share: number): Promise<void> {
  for (const source of sources)
    await run(
      `CREATE OR REPLACE TABLE now_${source} AS FROM all_${source} WHERE ${chosen(seed, "begin", share)}`,
    );
}

async function happen({ seed, come, go, become, lose, share }: Batch): Promise<void> {
  for (const source of sources) {
    const [id, , , contact] = await columnsOf(source);
    await run(`
      CREATE OR REPLACE TABLE then_${source} AS FROM now_${source};
      CREATE OR REPLACE TABLE other AS SELECT * EXCLUDE (n), (n * 7919 + ${seed}) % ${count} AS place FROM all_${source};
      CREATE OR REPLACE TABLE now_${source} AS
      WITH present AS (
        FROM then_${source} WHERE NOT ${chosen(seed, "go", go)}
        UNION ALL BY NAME FROM all_${source} WHERE ${chosen(seed, "come", come)} AND n NOT IN (SELECT n FROM then_${source})),
      kept AS (FROM present WHERE NOT ${chosen(seed, "become", become)})
      SELECT * FROM kept UNION ALL BY NAME
      SELECT p.${id}, p.n, o.* EXCLUDE (${id}, place) FROM (FROM present WHERE ${chosen(seed, "become", become)}) p
      ASOF JOIN other o ON o.place >= p.n
      UNION ALL BY NAME FROM present WHERE ${chosen(seed, "become", become)} AND n > (SELECT max(place) FROM other);
      UPDATE now_${source} SET ${contact} = NULL WHERE ${chosen(seed, "lose", lose)}`);
    const phone = phones[source];
    if (phone !== undefined)
      await run(
        `UPDATE now_${source} SET ${phone} = CASE n % 3 ${[0, 1, 2]
          .map(
            (i) =>
              `WHEN ${i} THEN (SELECT telephone FROM all_store WHERE telephone IS NOT NULL ORDER BY n LIMIT 1 OFFSET ${i})`,
          )
          .join(" ")} END WHERE ${chosen(seed, "share", share)}`,
      );
  }
}

const phones: Readonly<Record<string, string>> = { loyalty: "home_phone", store: "telephone" };

async function columnsOf(source: string): Promise<readonly [string, string, string, string]> {
  const columns = await bench.session.describe(`FROM all_${source}`);
  return columns.map(({ name }) => name) as never;
}

/** The people as the lake keeps them. */
async function keepAll({ tables }: Resolution): Promise<void> {
  for (const [name, relation] of Object.entries({ ...tables, records: "identity_records" }))
    await run(
      `CREATE OR REPLACE TABLE kept_${name === "sharedValues" ? "shared" : name} AS FROM ${relation}`,
    );
  await resolveHouseholds(bench.session, undefined, now);
  await run(`CREATE OR REPLACE TABLE kept_households AS FROM identity_households;
    CREATE OR REPLACE TABLE kept_retired_households AS FROM identity_retired_households`);
}

/** Makes the model one of a table in which every key finds many pairs, and of some names there are too many namesakes. */
async function asOfLargeTable(): Promise<void> {
  const [names] = await bench.session.rows<{ position: number }>(
    "SELECT position FROM kept_blocks WHERE key = 'given name + surname'",
  );
  await run(`
    INSERT INTO kept_learned SELECT 'many pairs by ' || key, 'pairs', NULL, 1 FROM kept_blocks;
    INSERT INTO kept_learned VALUES ('common ones are left by given name + surname', 'values', NULL, 1);
    INSERT INTO kept_learned SELECT DISTINCT 'too common for given name + surname, refined 0 times', CAST(block_${names!.position} AS VARCHAR), NULL, 20
    FROM kept_records WHERE block_${names!.position} % 2 = 0`);
  await keepAll(await full({}));
}

/** Puts in the place of what was touched what an increment found. */
async function keepTouched(): Promise<void> {
  await run(`
    DELETE FROM kept_assignments WHERE (source, record_id) IN (SELECT (source, record_id) FROM identity_before);
    INSERT INTO kept_assignments BY NAME FROM identity_assignments;
    DELETE FROM kept_edges WHERE (left_source, left_id) IN (SELECT (source, record_id) FROM identity_before);
    INSERT INTO kept_edges BY NAME FROM identity_edges;
    DELETE FROM kept_records WHERE no IN (SELECT no FROM identity_before);
    INSERT INTO kept_records BY NAME FROM identity_records;
    CREATE OR REPLACE TABLE kept_retired AS FROM identity_retired;
    CREATE OR REPLACE TABLE kept_households AS FROM identity_households;
    CREATE OR REPLACE TABLE kept_retired_households AS FROM identity_retired_households`);
}

const keptHouseholds = { households: "kept_households", retiredHouseholds: "kept_retired_households" };

/** Households with the ids that were there before; those that are new are numbered in another order. */
const householdsInOrder = async (): Promise<unknown> => ({
  households: await bench.session
    .rows(`SELECT profile_id, first_seen, min(profile_id) OVER (PARTITION BY household_id) AS household,
      CASE WHEN household_id IN (SELECT household_id FROM kept_households) THEN household_id END AS id FROM identity_households ORDER BY ALL`),
  ended: await bench.session.rows(
    "SELECT household_id, successor IS NULL AS for_nothing FROM identity_retired_households ORDER BY ALL",
  ),
});

const inOrder = (relation: string) => bench.session.rows(`SELECT * FROM ${relation} ORDER BY ALL`);
/** Records by what does not depend on how they are numbered. */
const recordsInOrder = (relation: string) =>
  bench.session
    .rows(`SELECT * EXCLUDE (no, component), min(source || ':' || record_id) OVER (PARTITION BY component) AS component
    FROM ${relation} ORDER BY source, record_id`);

async function increment(told: ResolveOptions, changedLinks: readonly StewardLink[]): Promise<Increment> {
  const gone = sources.map((source, i) => {
    const id = retailInputs()[i]!.idColumn;
    return `SELECT '${source}' AS source, ${id} AS record_id FROM then_${source} ANTI JOIN now_${source} USING (${id})`;
  });
  return resolveChanges(
    bench.session,
    {
      inputs: retailInputs((source) => `(FROM now_${source} EXCEPT FROM then_${source})`),
      gone: `(${gone.join(" UNION ALL ")})`,
      told: changedLinks.flatMap(({ left, right }) => [left, right]),
    },
    {
      model,
      records: "kept_records",
      previous: { assignments: "kept_assignments", retired: "kept_retired" },
    },
    { now, ...told },
  );
}

async function full(told: ResolveOptions): Promise<Resolution> {
  return resolve(
    bench.session,
    retailInputs((source) => `now_${source}`),
    {
      now,
      model,
      keepsRecords: true,
      previous: { assignments: "kept_assignments", retired: "kept_retired" },
      ...told,
    },
  );
}

/** Runs the batch both ways, and says what the increment touched. */
async function sameBothWays(
  batch: Batch,
  told: ResolveOptions = {},
  changedLinks: readonly StewardLink[] = [],
): Promise<Increment> {
  await happen(batch);
  const { tables } = await full(told);
  await resolveHouseholds(bench.session, keptHouseholds, later);
  const expected = {
    households: await householdsInOrder(),
    assignments: await inOrder(tables.assignments),
    retired: await inOrder(tables.retired),
    edges: await inOrder(tables.edges),
    records: await recordsInOrder("identity_records"),
  };
  const found = await increment(told, changedLinks);
  const before = { records: "kept_records", assignments: "kept_assignments" };
  await resolveHouseholdsOf(bench.session, before, keptHouseholds, later);
  expect(await householdsInOrder()).toEqual(expected.households);
  await keepTouched();
  expect(await recordsInOrder("kept_records")).toEqual(expected.records);
  expect(await inOrder("kept_assignments")).toEqual(expected.assignments);
  expect(await inOrder("(SELECT count(DISTINCT profile_id) AS profiles FROM kept_assignments)")).toEqual([
    { profiles: found.profiles },
  ]);
  expect(await inOrder("kept_edges")).toEqual(expected.edges);
  expect(await inOrder("kept_retired")).toEqual(expected.retired);
  return found;
}

const batches = fc.array(
  fc.record({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    come: fc.constantFrom(0, 20, 300),
    go: fc.constantFrom(0, 10, 100),
    become: fc.constantFrom(0, 10, 50),
    lose: fc.constantFrom(0, 10, 50),
    share: fc.constantFrom(0, 30, 150),
  }),
  { minLength: 1, maxLength: 3 },
);

describe("an increment", () => {
  test(
    "gives the people, ids, edges and households that all records give by the same model, whatever came, went and changed",
    { timeout: 240_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), batches, async (seed, happens) => {
          await begin(seed, 800);
          await keepAll(
            await resolve(
              bench.session,
              retailInputs((source) => `now_${source}`),
              { now, keepsRecords: true },
            ),
          );
          if (seed % 2 === 0) await asOfLargeTable();
          for (const batch of happens) await sameBothWays(batch);
        }),
        {
          numRuns: Number(process.env["RUNS"] ?? 4),
          seed: Number(process.env["SEED"] ?? 5),
          endOnFailure: true,
        },
      );
    },
  );

  test(
    "does so under trusted and separate keys, and under what stewards tell, take back and contradict",
    { timeout: 240_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 1000 }), batches, async (seed, happens) => {
          const keys = { trusted: ["phone", "webshop"], separate: ["birthdate"] };
          let links = await tell(seed, []);
          await begin(seed, 800);
          await keepAll(
            await resolve(
              bench.session,
              retailInputs((source) => `now_${source}`),
              { now, keepsRecords: true, ...keys, links },
            ),
          );
          for (const batch of happens) {
            const after = await tell(batch.seed, links.slice(5));
            const changed = [
              ...after.filter((link) => !links.includes(link)),
              ...links.filter((link) => !after.includes(link)),
            ];
            links = after;
            await sameBothWays(batch, { ...keys, links }, changed);
          }
        }),
        {
          numRuns: Number(process.env["RUNS"] ?? 3),
          seed: Number(process.env["SEED"] ?? 8),
          endOnFailure: true,
        },
      );
    },
  );

  test("touches only what changed: nothing where no evidence did, few where one record did", async () => {
    await begin(3, 900);
    await keepAll(
      await resolve(
        bench.session,
        retailInputs((source) => `now_${source}`),
        { now, keepsRecords: true },
      ),
    );
    await happen({ seed: 1, come: 0, go: 0, become: 0, lose: 0, share: 0 });
    await run("UPDATE now_store SET contact_date = 'another'");
    expect(await increment({}, [])).toMatchObject({ changed: 0, touched: 0, components: 0 });
    await run(
      "UPDATE now_store SET email = 'nobody@elsewhere.example' WHERE n = (SELECT min(n) FROM then_store)",
    );
    const found = await increment({}, []);
    expect(found.changed).toBeGreaterThanOrEqual(1);
    expect(found.touched).toBeLessThan(50);
  });
});

/** Twenty more decisions about records that are or are not there, some of one person, some of others, some against each other. */
async function tell(seed: number, before: readonly StewardLink[]): Promise<StewardLink[]> {
  const inputs = retailInputs();
  const all = inputs
    .map(({ source, idColumn }) => `SELECT '${source}' AS source, ${idColumn} AS id, n FROM all_${source}`)
    .join(" UNION ALL ");
  const rows = await bench.session.rows<{ s: string; i: string; s2: string; i2: string }>(`
    WITH numbered AS (SELECT *, row_number() OVER (ORDER BY hash(n, ${seed})) AS place FROM (${all})),
    few AS (FROM numbered WHERE place <= 30)
    SELECT x.source AS s, x.id AS i, y.source AS s2, y.id AS i2 FROM few x JOIN few y ON x.place < y.place
    ORDER BY hash(x.n, y.n, ${seed}) LIMIT 20`);
  const made = rows.map(({ s, i, s2, i2 }, place): StewardLink => ({
    kind: place % 3 === 0 ? "unlink" : "link",
    left: { source: s, recordId: i },
    right: { source: s2, recordId: i2 },
  }));
  return [...made, ...before];
}
