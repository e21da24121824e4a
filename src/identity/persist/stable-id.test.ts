import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Session, literal } from "../../engine/index.ts";
import { changeColumns, changeEvents, idsEverGiven, replayChanges } from "./changes.ts";
import { measureMovement } from "./movement.ts";
import { giveIds } from "./stable-id.ts";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";

let bench: Workbench;
let session: Session;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-ids-");
  ({ session } = bench);
});
afterAll(async () => {
  await bench.close();
});
beforeEach(begin);

/** People as lists of records. */
type People = readonly (readonly string[])[];

let version = 0;

async function begin(): Promise<void> {
  version = 0;
  const columns = changeColumns.map(({ name, type }) => `${name} ${type}`).join(", ");
  await session.run(`CREATE OR REPLACE TEMP TABLE changes (${columns});
    CREATE OR REPLACE TEMP TABLE assignments (source VARCHAR, record_id VARCHAR, profile_id VARCHAR, first_seen TIMESTAMPTZ);
    CREATE OR REPLACE TEMP TABLE retired (profile_id VARCHAR, successor VARCHAR)`);
}

/** Gives ids as a run does, and keeps what a lake keeps. Profile id by record. */
async function resolved(people: People): Promise<ReadonlyMap<string, string>> {
  version += 1;
  const records = people.flatMap((one, person) => one.map((record) => [record, person] as const));
  const values = records.map(([record, person]) => `(${literal(record)}, ${person})`).join(", ");
  await session.run(`
    CREATE OR REPLACE TEMP TABLE told (record VARCHAR, person INTEGER);
    ${values === "" ? "" : `INSERT INTO told VALUES ${values};`}
    CREATE OR REPLACE TEMP TABLE identity_raw AS
    SELECT CAST(row_number() OVER (ORDER BY record) - 1 AS INTEGER) AS r, 'shop' AS source, record AS record_id, person FROM told;
    CREATE OR REPLACE TEMP TABLE identity_member AS SELECT r, r AS node FROM identity_raw;
    CREATE OR REPLACE TEMP TABLE identity_cluster AS SELECT r AS node, min(r) OVER (PARTITION BY person) AS cluster FROM identity_raw`);
  const given = `(${idsEverGiven("changes")})`;
  const day = new Date(Date.UTC(2026, 0, version));
  await giveIds(session, { assignments: "assignments", retired: "retired", given }, day);
  await session.run(`INSERT INTO changes SELECT ${version}, ${version}, ${literal(day.toISOString())}, *
      FROM (${changeEvents("assignments", "identity_assignments")});
    CREATE OR REPLACE TEMP TABLE assignments AS FROM identity_assignments;
    CREATE OR REPLACE TEMP TABLE retired AS FROM identity_retired`);
  const rows = await session.rows<{ record_id: string; profile_id: string }>("FROM assignments");
  return new Map(rows.map((row) => [row.record_id, row.profile_id]));
}

async function retired(): Promise<ReadonlyMap<string, string | null>> {
  const rows = await session.rows<{ profile_id: string; successor: string | null }>("FROM retired");
  return new Map(rows.map((row) => [row.profile_id, row.successor]));
}

/** The events of the newest version, with the names of the profiles in place of their ids. */
async function events(names: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const named = new Map(Object.entries(names).map(([name, id]) => [id, name]));
  const rows = await session.rows<Record<"event" | "from" | "to" | "record", string | null>>(
    `SELECT event, from_profile_id AS "from", to_profile_id AS "to", record_id AS record FROM changes WHERE version = ${version}`,
  );
  const name = (id: string | null): string => (id === null ? "-" : (named.get(id) ?? "?"));
  return rows.map(({ event, from, to, record }) =>
    [event, `${name(from)}>${name(to)}`, ...(record === null ? [] : [record])].join(" "),
  );
}

describe("the examples of docs/identity.md", () => {
  test("a small old profile that many new records join keeps its id", async () => {
    const before = await resolved([["a1", "a2"]]);
    const fresh = Array.from({ length: 50 }, (_, i) => `n${i}`);
    const after = await resolved([["a1", "a2", ...fresh]]);
    expect(new Set(after.values())).toEqual(new Set([before.get("a1")]));
    expect(await retired()).toEqual(new Map());
    expect(await events({ A: before.get("a1") })).toEqual([...fresh].sort().map((n) => `moved ->A ${n}`));
  });

  test("of two old profiles that become one, the id of the larger stays, of equal ones the older", async () => {
    await resolved([["old"]]);
    const before = await resolved([["old"], ["b1", "b2"], ["c1"]]);
    const [old, b, c] = [before.get("old"), before.get("b1"), before.get("c1")];
    const after = await resolved([["old", "b1", "b2"], ["c1"]]);
    expect(after.get("old")).toBe(b);
    expect(await retired()).toEqual(new Map([[old, b]]));
    expect(await events({ old, b, c })).toEqual(["merged old>b", "retired old>b", "moved old>b old"]);

    await begin();
    await resolved([["old"]]);
    const equal = await resolved([["old"], ["young"]]);
    expect((await resolved([["old", "young"]])).get("young")).toBe(equal.get("old"));
  });

  test("a profile that is split while a part of it joins another: the larger part keeps the id", async () => {
    const before = await resolved([
      ["a1", "a2", "a3"],
      ["b1", "b2"],
    ]);
    const [A, B] = [before.get("a1"), before.get("b1")];
    await session.run("CREATE OR REPLACE TEMP TABLE before_it AS FROM assignments");
    const after = await resolved([["a1", "a2"], ["a3", "b1"], ["b2"]]);
    const N = after.get("b2");
    expect([...after.values()]).toEqual([A, A, B, B, N]);
    expect([A, B]).not.toContain(N);
    expect(await events({ A, B, N })).toEqual([
      "created ->N",
      "split A>B",
      "split B>N",
      "moved A>B a3",
      "moved B>N b2",
    ]);
    const movement = await measureMovement(session, "before_it", "assignments");
    expect(movement).toEqual({ moved: 2, of: 5, jitter: 0.4 });
  });

  test("an id that ended points to where its records are, however often they go on, and is never given again", async () => {
    const first = await resolved([["a"], ["b", "b2"], ["c", "c2", "c3", "c4"]]);
    const [A, B, C] = ["a", "b", "c"].map((record) => first.get(record)!);
    await resolved([
      ["a", "b", "b2"],
      ["c", "c2", "c3", "c4"],
    ]);
    expect(await retired()).toEqual(new Map([[A, B]]));
    await resolved([["a", "b", "b2", "c", "c2", "c3", "c4"]]);
    expect(await retired()).toEqual(
      new Map([
        [A, C],
        [B, C],
      ]),
    );
    const apart = await resolved([["a"], ["b", "b2"], ["c", "c2", "c3", "c4"]]);
    expect([...apart.values()].filter((id) => id === A || id === B)).toEqual([]);
    await resolved([]);
    expect(new Set((await retired()).keys())).toEqual(new Set([A, B, ...apart.values()]));
    expect((await retired()).get(C!)).toBeNull();
    const again = await resolved([["a"], ["b", "b2"], ["c", "c2", "c3", "c4"]]);
    expect([...again.values()].filter((id) => [A, B, C, ...apart.values()].includes(id))).toEqual([]);
  });
});

test("whatever batches come: the feed replayed is what is assigned, each id is created once, and none that ended comes back", async () => {
  const batch = fc.dictionary(fc.constantFrom(..."abcdefghijkl"), fc.nat(4), { maxKeys: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 6 }), async (batches) => {
      await begin();
      const ended = new Set<string>();
      let living = new Set<string>();
      let last: ReadonlyMap<string, string> = new Map();
      for (const told of batches) {
        const groups = new Map<number, string[]>();
        for (const [record, person] of Object.entries(told))
          groups.set(person, [...(groups.get(person) ?? []), record]);
        const before = last;
        last = await resolved([...groups.values()]);
        for (const id of living) if (![...last.values()].includes(id)) ended.add(id);
        living = new Set(last.values());

        const replayed = await session.rows<{ record_id: string; profile_id: string }>(
          replayChanges("changes"),
        );
        expect(new Map(replayed.map((row) => [row.record_id, row.profile_id]))).toEqual(last);
        expect([...living].filter((id) => ended.has(id))).toEqual([]);
        const pointers = await retired();
        expect(new Set(pointers.keys())).toEqual(ended);
        for (const to of pointers.values()) if (to !== null) expect(living).toContain(to);
        // One person, one profile; two people, two.
        expect(living.size).toBe(groups.size);
        for (const one of groups.values())
          expect(new Set(one.map((record) => last.get(record))).size).toBe(1);
        // No old profile with more of a person's records was passed over, unless another person has more of it.
        for (const one of groups.values()) {
          const now = last.get(one[0]!)!;
          const shared = (people: readonly string[], id: string): number =>
            people.filter((record) => before.get(record) === id).length;
          for (const id of new Set(
            one.map((record) => before.get(record)).filter((id) => id !== undefined),
          )) {
            if (id === now || shared(one, id) <= shared(one, now)) continue;
            const holder = [...groups.values()].find((other) => last.get(other[0]!) === id)!;
            expect(shared(holder, id)).toBeGreaterThanOrEqual(shared(one, id));
          }
        }
      }
      const [counts] = await session.rows<{
        created: number;
        ids: number;
        retirements: number;
        twice: number;
      }>(`
        SELECT count(*) FILTER (event = 'created') AS created, count(DISTINCT to_profile_id) FILTER (event = 'created') AS ids,
          count(*) FILTER (event = 'retired') AS retirements,
          (SELECT count(*) FROM (SELECT version, record_id FROM changes WHERE event = 'moved' GROUP BY ALL HAVING count(*) > 1)) AS twice
        FROM changes`);
      expect(counts).toEqual({
        created: ended.size + living.size,
        ids: ended.size + living.size,
        retirements: ended.size,
        twice: 0,
      });
    }),
    { numRuns: 25 },
  );
}, 120_000);
