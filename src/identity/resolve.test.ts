import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { households } from "../../bench/identity/households.ts";
import type { Row } from "../../bench/identity/rows.ts";
import { type Engine, literal, openEngine, type Session } from "../engine/index.ts";
import { explain, explainResolved } from "./explain/explain.ts";
import type { IdentityInput } from "./input.ts";
import { matchings } from "./weigh/matching.ts";
import { resolve, type ResolveOptions } from "./resolve.ts";

let folder: string;
let engine: Engine;
let session: Session;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-identity-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 2 });
  session = await engine.session();
});

afterAll(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

const tags = {
  first_name: "given_name",
  last_name: "surname",
  email: "email",
  phone: "phone",
  birthdate: "birthdate",
  address: "address",
  postal: "postal",
} as const;

async function load(on: Session, rows: readonly Row[], table = "people"): Promise<IdentityInput> {
  const columns = ["id", ...Object.keys(tags)];
  const values = rows.map(
    (row) =>
      `(${columns.map((column) => literal(row[column] === "" ? null : (row[column] ?? null))).join(", ")})`,
  );
  const types = columns.map((column) => `${column} VARCHAR`).join(", ");
  await on.run(`CREATE OR REPLACE TEMP TABLE ${table} (${types})`);
  if (values.length > 0) await on.run(`INSERT INTO ${table} VALUES ${values.join(", ")}`);
  return { source: "shop", relation: table, idColumn: "id", tags };
}

/** Profile id by record id. */
async function assigned(
  on: Session,
  rows: readonly Row[],
  options?: ResolveOptions,
): Promise<ReadonlyMap<string, string>> {
  const { tables } = await resolve(on, [await load(on, rows)], options);
  const found = await on.rows<{ record_id: string; profile_id: string }>(
    `SELECT record_id, profile_id FROM ${tables.assignments}`,
  );
  return new Map(found.map((row) => [row.record_id, row.profile_id]));
}

/** Keeps what a resolution found, as the lake does. */
async function keep(): Promise<ResolveOptions> {
  await session.run(`CREATE OR REPLACE TEMP TABLE kept_assignments AS FROM identity_assignments;
    CREATE OR REPLACE TEMP TABLE kept_retired AS FROM identity_retired`);
  return { previous: { assignments: "kept_assignments", retired: "kept_retired" } };
}

const rows = households(30, 3);

describe("resolve", () => {
  test("gives every record one profile, the same for any order of rows and number of threads", async () => {
    const expected = await assigned(session, rows);
    expect(expected.size).toBe(rows.length);
    const single = await openEngine({ spillFolder: join(folder, "single"), threads: 1 });
    const alone = await single.session();
    expect(await assigned(alone, [...rows].reverse())).toEqual(expected);
    alone.close();
    await single.close();
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(rows, { minLength: rows.length }), async (shuffled) => {
        expect(await assigned(session, shuffled)).toEqual(expected);
      }),
      { numRuns: 2 },
    );
  });

  test("learns that a source has each person once, and takes its namesakes for two people", async () => {
    const names = "Ada Bela Cora Dina Edda Fina Gina Hede Ines Jana".split(" ");
    const person = (i: number): Row => ({
      first_name: names[i % 10]!,
      last_name: `${["Al", "Bern", "Cars", "Dor", "Ebel", "Fried"][Math.floor(i / 10) % 6]}${["ing", "mann", "stett", "haus", "vik", "ova"][Math.floor(i / 60)]}`,
      birthdate: `${1950 + (i % 40)}-0${1 + (i % 9)}-1${i % 7}`,
      address: `${i + 1} Rose Avenue`,
      postal: `${12000 + (i % 25)}`,
    });
    const people = Array.from({ length: 360 }, (_, i) => person(i));
    const namesake = { ...people[7]!, birthdate: "", address: "" };
    const together = async (second: readonly Row[]): Promise<boolean> => {
      const numbered = (rows: readonly Row[]) => rows.map((row, i) => ({ ...row, id: `${i}` }));
      const { tables } = await resolve(session, [
        { ...(await load(session, numbered([...people, namesake]), "register")), source: "register" },
        { ...(await load(session, numbered(second), "bills")), source: "bills" },
      ]);
      const [found] = await session.rows<{ profiles: number }>(
        `SELECT count(DISTINCT profile_id) AS profiles FROM ${tables.assignments} WHERE source = 'register' AND record_id IN ('7', '360')`,
      );
      return found!.profiles === 1;
    };
    const slips = people.map((row, i) => ({
      ...row,
      first_name: `${row["first_name"]!}${i % 2 === 0 ? "h" : ""}`,
    }));
    expect(await together(slips)).toBe(false);
  });

  test("keeps two spouses and a father and his son apart who share everything but what is their own", async () => {
    const home = {
      email: "marlowes@mail.example",
      phone: "2125550199",
      address: "12 Elm Street",
      postal: "10001",
    };
    const family: Row[] = [
      { id: "anna", first_name: "Anna", last_name: "Marlowe", birthdate: "1970-03-01", ...home },
      {
        id: "anna again",
        first_name: "Anna",
        last_name: "Marlowe",
        birthdate: "1970-03-01",
        ...home,
        phone: "",
      },
      { id: "peter", first_name: "Peter", last_name: "Marlowe", birthdate: "1968-11-23", ...home },
      {
        id: "peter again",
        first_name: "Pete",
        last_name: "Marlowe",
        birthdate: "1968-11-23",
        ...home,
        email: "",
      },
      { id: "son", first_name: "Peter", last_name: "Marlowe", birthdate: "1999-05-07", ...home },
    ];
    const found = await assigned(session, [...rows, ...family]);
    expect(found.get("anna again")).toBe(found.get("anna"));
    expect(found.get("peter again")).toBe(found.get("peter"));
    expect(new Set(["anna", "peter", "son"].map((id) => found.get(id))).size).toBe(3);
  });

  test("ids stay when records come and go, a retired id points on and is never given again", async () => {
    const early = rows.filter((_, i) => i % 3 !== 0);
    const first = await assigned(session, early);
    const kept = await keep();
    const second = await assigned(session, rows, kept);
    const moved = early.filter(({ id }) => second.get(id!) !== first.get(id!)).length;
    expect(moved / early.length).toBeLessThan(0.1);

    const given = new Set([...first.values(), ...second.values()]);
    const ended = [...given].filter((id) => ![...second.values()].includes(id));
    const retired = new Map(
      (await session.rows<{ profile_id: string; successor: string | null }>("FROM identity_retired")).map(
        (row) => [row.profile_id, row.successor] as const,
      ),
    );
    expect(ended.filter((id) => !retired.has(id))).toEqual([]);
    const living = new Set(second.values());
    for (const successor of retired.values()) if (successor !== null) expect(living).toContain(successor);

    const third = await assigned(session, rows.slice(0, 50), await keep());
    const fourth = await assigned(session, rows, await keep());
    const retiredByThird = new Set([...second.values()].filter((id) => ![...third.values()].includes(id)));
    expect([...fourth.values()].filter((id) => retiredByThird.has(id))).toEqual([]);
    expect([...fourth.values()].filter((id) => retired.has(id))).toEqual([]);
  });

  test("the same records again change no id", async () => {
    const first = await assigned(session, rows);
    expect(await assigned(session, rows, await keep())).toEqual(first);
    expect(await session.rows("FROM identity_retired")).toEqual([]);
  });

  test("the more eager, the fewer profiles", async () => {
    const profiles: number[] = [];
    for (const matching of matchings)
      profiles.push((await resolve(session, [await load(session, rows)], { matching })).profiles);
    expect(profiles).toEqual([...profiles].sort((a, b) => b - a));
    expect(profiles[0]).toBeGreaterThan(profiles.at(-1)!);
  });

  test.each(matchings)(
    "an explanation adds up to the pair's weight, for linked pairs and for any other: %s",
    async (matching) => {
      const input = await load(session, rows);
      const resolution = await resolve(session, [input], { matching });
      const edges = await session.rows<{ left_id: string; right_id: string }>(
        "SELECT left_id, right_id FROM identity_edges ORDER BY weight LIMIT 10",
      );
      expect(edges.length).toBe(10);
      const record = (recordId: string) => ({ source: "shop", recordId });
      for (const { left_id, right_id } of [...edges, { left_id: "0", right_id: "1" }]) {
        const [a, b] = [record(left_id), record(right_id)];
        const fresh = await explainResolved(session, [input], resolution, a, b);
        expect(fresh.evidence.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(fresh.weight, 1);
      }
      const { tables } = resolution;
      const stored = { ...tables, inputs: [input], matching };
      const { left_id, right_id } = edges[0]!;
      const looked = await explain(session, stored, record(left_id), record(right_id));
      expect(looked.evidence.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(looked.weight, 1);
      await expect(explain(session, stored, record("nobody"), record(right_id))).rejects.toMatchObject({
        code: "identity.unknown_record",
      });
    },
  );

  test("a foreign key links records that share nothing else, and a gift to its buyer, not to whom it is sent", async () => {
    await session.run(`CREATE OR REPLACE TEMP TABLE orders AS SELECT 'o' || i AS no, CAST(i AS VARCHAR) AS buyer,
      CASE WHEN i = 7 THEN 'Wolfgang' END AS given, CASE WHEN i = 7 THEN 'Unrelated' END AS family,
      CASE WHEN i = 7 THEN '5 Elm Street' END AS street FROM range(40) t(i)
      UNION ALL SELECT 'o99', NULL, 'Wolfgang', 'Unrelated', '5 Elm Street'`);
    const shop = await load(session, rows.slice(0, 120));
    await resolve(session, [
      { ...shop, tags: { ...tags, id: "customer_key" } },
      {
        source: "orders",
        relation: "orders",
        idColumn: "no",
        tags: { buyer: "foreign_key:shop", given: "given_name", family: "surname", street: "address" },
      },
    ]);
    const same = await session.rows<{ no: string }>(`
      SELECT o.record_id AS no FROM identity_assignments o JOIN identity_assignments s
      ON o.source = 'orders' AND s.source = 'shop' AND o.record_id = 'o' || s.record_id AND o.profile_id = s.profile_id`);
    const linked = new Set(same.map(({ no }) => no));
    expect(linked.size).toBeGreaterThanOrEqual(38);
    expect(linked.has("o7")).toBe(true);
    const [recipient] = await session.rows<{ n: number }>(`
      SELECT count(DISTINCT profile_id) AS n FROM identity_assignments
      WHERE (source, record_id) IN (('orders', 'o7'), ('orders', 'o99'))`);
    expect(recipient!.n).toBe(2);
  });

  test("an order with somebody's mailbox and another one's name and address is not that one's", async () => {
    const carla = { first_name: "Carla", last_name: "Reinholt", address: "12 Elm Street", postal: "10001" };
    const wolf = { first_name: "Wolfgang", last_name: "Unrelated", address: "5 Oak Lane", postal: "20002" };
    const namesakes = Array.from({ length: 6 }, (_, i) => ({
      ...carla,
      id: `namesake ${i}`,
      address: `${i} Far Road`,
      postal: `3000${i}`,
      birthdate: `19${50 + 5 * i}-04-1${i}`,
    }));
    const found = await assigned(session, [
      ...rows,
      ...namesakes,
      { ...wolf, id: "wolfgang", birthdate: "1970-01-02" },
      { ...wolf, id: "gift", email: "carla.reinholt@mail.example" },
      { ...carla, id: "carla", email: "carla.reinholt@mail.example" },
    ]);
    expect(found.get("gift")).toBe(found.get("carla"));
    expect(found.get("gift")).not.toBe(found.get("wolfgang"));
  });

  test("what is sent to the spouse is the account holder's, by what the columns are called", async () => {
    const home = { last_name: "Reinholt", address: "12 Elm Street", postal: "10001" };
    const shop = await load(session, [
      ...rows.slice(0, 120),
      {
        ...home,
        id: "carla",
        first_name: "Carla",
        email: "carla.reinholt@mail.example",
        birthdate: "1970-01-02",
      },
      {
        ...home,
        id: "peter",
        first_name: "Peter",
        email: "peter.reinholt@mail.example",
        birthdate: "1968-05-07",
      },
    ]);
    const order = async (given: string, surname: string): Promise<string> => {
      await session.run(`CREATE OR REPLACE TEMP TABLE orders AS
        SELECT 'o' || id AS no, id AS buyer, first_name AS ${given}, last_name AS ${surname}, address AS street, postal AS zip FROM people
        WHERE id NOT IN ('carla', 'peter') UNION ALL SELECT 'parcel', 'carla', 'Peter', 'Reinholt', '12 Elm Street', '10001'`);
      await resolve(session, [
        { ...shop, tags: { ...tags, id: "customer_key" } },
        {
          source: "orders",
          relation: "orders",
          idColumn: "no",
          tags: {
            buyer: "foreign_key:shop",
            [given]: "given_name",
            [surname]: "surname",
            street: "address",
            zip: "postal",
          },
        },
      ]);
      const [holder] = await session.rows<{ id: string }>(`
        SELECT record_id AS id FROM identity_assignments WHERE record_id IN ('carla', 'peter')
        AND profile_id = (SELECT profile_id FROM identity_assignments WHERE record_id = 'parcel')`);
      return holder!.id;
    };
    expect(await order("ship_first_name", "ship_last_name")).toBe("carla");
    expect(await order("buyer_given", "buyer_family")).toBe("peter");
  });

  test("a key may hold any sign", async () => {
    const odd = ["a\nb", "a\u001fb", 'a\r"b', "a,b", "'a'", "a\\N"];
    const values = (column: string): string =>
      odd.map((key, i) => `(${literal(`${column}${i}`)}, ${literal(key)})`).join(", ");
    await session.run(`CREATE OR REPLACE TEMP TABLE accounts AS SELECT * FROM (VALUES ${values("a")}) t(id, no);
      CREATE OR REPLACE TEMP TABLE orders AS SELECT * FROM (VALUES ${values("o")}) t(id, buyer)`);
    await resolve(session, [
      await load(session, rows),
      { source: "accounts", relation: "accounts", idColumn: "id", tags: { no: "customer_key" } },
      { source: "orders", relation: "orders", idColumn: "id", tags: { buyer: "foreign_key:accounts" } },
    ]);
    const found = await session.rows<{ a: string; o: string }>(`
      SELECT a.record_id AS a, o.record_id AS o FROM identity_assignments a JOIN identity_assignments o USING (profile_id)
      WHERE a.source = 'accounts' AND o.source = 'orders' ORDER BY ALL`);
    expect(found).toEqual(odd.map((_, i) => ({ a: `a${i}`, o: `o${i}` })));
  });

  test("refuses no input, unknown columns, missing and repeated ids, each by name", async () => {
    const input = await load(session, [...rows.slice(0, 3), rows[0]!]);
    await expect(resolve(session, [])).rejects.toMatchObject({ code: "identity.no_input" });
    await expect(resolve(session, [input])).rejects.toMatchObject({
      code: "identity.duplicate_id",
      message: expect.stringContaining(`id ${rows[0]!["id"]}`),
    });
    await expect(resolve(session, [{ ...input, tags: { nome: "given_name" } }])).rejects.toMatchObject({
      code: "identity.unknown_column",
      message: expect.stringContaining("first_name"),
    });
    await session.run("INSERT INTO people (first_name) VALUES ('Ann')");
    await expect(resolve(session, [input])).rejects.toMatchObject({ code: "identity.null_id" });
  });

  test("ends well for no record, one record, records that say nothing, and one value repeated", async () => {
    expect((await assigned(session, [])).size).toBe(0);
    expect((await assigned(session, rows.slice(0, 1))).size).toBe(1);
    const nothing = Array.from({ length: 50 }, (_, i) => ({ id: String(i) }));
    expect(new Set((await assigned(session, nothing)).values()).size).toBe(50);
    const junk = Array.from({ length: 3000 }, (_, i) => ({
      id: String(i),
      first_name: "test",
      email: "a@a.com",
    }));
    expect((await assigned(session, junk)).size).toBe(3000);
  });

  test("can be cancelled", async () => {
    const controller = new AbortController();
    controller.abort();
    await expect(
      resolve(session, [await load(session, rows)], { signal: controller.signal }),
    ).rejects.toMatchObject({
      code: "engine.cancelled",
    });
  });
});
