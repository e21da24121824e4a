import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openMount } from "../../src/catalog/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { type Snapshot, scan } from "../../src/table/index.ts";
import { SHARES, type ServedProject, servedProject } from "./served-project.ts";

let bridge: ServedProject;
let folder: string;
let whole: Snapshot;

let profiles = 0;
let profile: object;

/** By a profile of its own, since what was listed whole is not asked for again. */
async function shop() {
  profiles += 1;
  const name = `alice-${profiles}.share`;
  await writeFile(join(folder, name), JSON.stringify({ ...profile, profiles }));
  return { delta_sharing: { profile: `file:${name}`, table: "partners.crm.orders" } };
}

/** A file for each of 36 places, of which each holds few values of each column. */
beforeAll(async () => {
  bridge = await servedProject();
  folder = await mkdtemp(join(tmpdir(), "onecopy-filter-"));
  const { catalog, session } = bridge;
  const query = `SELECT p AS place, CASE p % 5 WHEN 0 THEN NULL ELSE 'r' || (p % 3) END AS region,
    CASE WHEN p % 7 = 0 THEN NULL ELSE p * 3 + i END::BIGINT AS id,
    ['', 'a', 'ab', 'žluť', '👍'][1 + (p + i) % 5] AS name,
    DATE '2020-01-01' + ((p * 2 + i) % 40)::INTEGER AS day, ((p + i) % 3 = 0) AS flag,
    {city: 'c' || (p % 4)} AS home
    FROM range(36) a(p), range(2) b(i)`;
  const table = await catalog.create("crm.orders", {
    schema: schemaOf(await session.describe(query)),
    partitionBy: ["place", "region"],
  });
  await table.write(session, { mode: "append", query });
  await bridge.share({ ...SHARES, partners: { tables: ["crm.orders"], recipients: ["alice"] } });
  profile = {
    shareCredentialsVersion: 1,
    endpoint: `${bridge.server.url}/delta-sharing`,
    bearerToken: await bridge.token("alice"),
  };
  whole = await table.snapshot();
  await session.run("CREATE TEMP TABLE other AS SELECT i AS id, i % 36 AS place FROM range(60) r(i)");
});
afterAll(async () => {
  await bridge.close();
  await rm(folder, { recursive: true });
});

const all: Readonly<Record<string, readonly string[]>> = {
  place: ["0", "7", "20", "35"],
  region: ["'r0'", "'r1'", "''"],
  id: ["5", "40", "-1", "60.5", "'30'"],
  name: ["'a'", "'ab'", "'žluť'", "'👍'"],
  day: ["DATE '2020-01-03'", "'2020-01-20'", "TIMESTAMP '2020-02-01 10:00:00'"],
  flag: ["true", "false"],
  "home.city": ["'c1'", "'c3'"],
};
const leaf = fc.constantFrom(...Object.keys(all)).chain((name) =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(fc.constantFrom("=", "<>", "<", "<=", ">", ">="), fc.constantFrom(...all[name]!))
        .map(([operator, value]) => `%${name} ${operator} ${value}`),
    },
    fc.constantFrom(`%${name} IS NULL`, `%${name} IS NOT NULL`),
    fc
      .tuple(fc.constantFrom("IN", "NOT IN"), fc.subarray([...all[name]!], { minLength: 1 }))
      .map(([operator, values]) => `%${name} ${operator} (${values.join(", ")})`),
  ),
);
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    { weight: 2, arbitrary: leaf },
    fc
      .tuple(tie("condition"), fc.constantFrom("AND", "OR"), tie("condition"))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    tie("condition").map((one) => `NOT ${one}`),
  ),
}));
/** Where the table stands: `%` before a column becomes what it is called there. */
const shapes: readonly ((where: string) => string)[] = [
  (where) => `SELECT * FROM orders WHERE ${where.replaceAll("%", "")}`,
  (where) => `SELECT o.id, count(*) FROM orders o WHERE ${where.replaceAll("%", "o.")} GROUP BY ALL`,
  (where) => `SELECT * FROM other LEFT JOIN orders o USING (id) WHERE ${where.replaceAll("%", "o.")}`,
  (where) => `SELECT * FROM orders o LEFT JOIN other ON o.id = other.id WHERE ${where.replaceAll("%", "o.")}`,
  (where) => `SELECT * FROM other RIGHT JOIN orders o USING (id) WHERE ${where.replaceAll("%", "o.")}`,
  (where) => `SELECT * FROM other FULL JOIN orders o USING (id) WHERE ${where.replaceAll("%", "o.")}`,
  (where) => `SELECT * FROM orders o, other WHERE o.place = other.place AND ${where.replaceAll("%", "o.")}`,
  (where) => `SELECT * FROM orders ANTI JOIN other USING (id) WHERE ${where.replaceAll("%", "orders.")}`,
  () => `SELECT * FROM other ANTI JOIN orders USING (id) WHERE other.id > 3`,
  (where) =>
    `WITH few AS (FROM orders WHERE ${where.replaceAll("%", "")}) SELECT * FROM few UNION ALL SELECT * FROM orders WHERE id = 7`,
  (where) => `SELECT * FROM other WHERE id IN (SELECT id FROM orders WHERE ${where.replaceAll("%", "")})`,
  (where) =>
    `SELECT * FROM (SELECT place + 1 AS place, region, id, name, day, flag, home FROM orders) WHERE ${where.replaceAll("%", "")}`,
  (where) =>
    `SELECT * FROM orders t(id, region, place, name, day, flag, home) WHERE ${where.replaceAll("%", "t.")}`,
  (where) =>
    `SELECT place AS id, id AS place FROM orders WHERE ${where.replaceAll("%", "")} QUALIFY row_number() OVER (PARTITION BY region ORDER BY place, id) = 1`,
  (where) =>
    `SELECT max(id) FROM orders HAVING count(*) > (SELECT count(*) FROM orders WHERE ${where.replaceAll("%", "")})`,
];

test("a query of a mounted table has the rows that it has of all files, and asks the share for no more than it needs", async () => {
  const { session } = bridge;
  let spared = 0;
  await fc.assert(
    fc.asyncProperty(condition, fc.constantFrom(...shapes), async (where, shape) => {
      const sql = shape(where);
      const view = async (rows: string): Promise<unknown> => {
        await session.run(`CREATE OR REPLACE TEMP VIEW orders AS FROM ${rows}`);
        return await session
          .rows(`SELECT * FROM (${sql}) ORDER BY ALL`)
          .catch((error: Error) => error.message);
      };
      const needed = (await session.tableFilters(sql)).get("orders");
      const mounted = await openMount(await shop(), folder, needed);
      spared += [...whole.files].length - [...mounted.files].length;
      const expected = await view(await scan(session, whole));
      expect(await view(await scan(session, mounted, { where: needed ?? { kind: "unknown" } }))).toEqual(
        expected,
      );
    }),
    // Those that show a filter at the wrong side of a join, always.
    {
      numRuns: 80,
      examples: shapes.flatMap((shape) =>
        ["%place IS NULL", "%place = 20"].map((where): [string, (typeof shapes)[number]] => [where, shape]),
      ),
    },
  );
  expect(spared).toBeGreaterThan(100);
}, 60_000);

test("a filter on one partition is told to the share; the answer has that file alone", async () => {
  const { session } = bridge;
  const filters = await session.tableFilters(
    "SELECT count(*) FROM orders AS o WHERE o.place = 20 AND o.name LIKE 'a%'",
  );
  const mounted = await openMount(await shop(), folder, filters.get("orders"));
  expect([...mounted.files]).toHaveLength(1);
});
