import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, type Session, openEngine } from "../engine/index.ts";
import { profileRecords, readProfile, searchProfiles } from "./index.ts";

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

const relations = {
  "unified.unified_coalesced": `(SELECT * FROM (VALUES
    ('shop', '17', 'p-aaaaaa-1', 'José Müller', 'jose@x.org', '+49 171 2345678', 'K-100', TIMESTAMPTZ '2026-01-01 00:00:00+00'),
    ('mail', 'm1', 'p-aaaaaa-1', 'Joe Muller', 'old.joe@y.org', NULL, NULL, NULL),
    ('shop', '18', 'p-bbbbbb-2', 'Josephine Strauß', 'jo@x.org', '0171 9999999', 'K-200', NULL),
    ('shop', '19', 'p-cccccc-3', 'Müller José', NULL, NULL, NULL, NULL),
    ('desk', 't1', 'p-cccccc-3', 'Łukasz 100% O''Hara', NULL, '030 171', NULL, NULL),
    ('desk', 't2', NULL, 'José Unresolved', NULL, NULL, NULL, NULL)
    ) t(source, record_id, profile_id, full_name, email, phone, customer_key, updated_time))`,
  "unified.customer_360": `(SELECT * FROM (VALUES
    ('p-aaaaaa-1', 'José Müller', 'jose@x.org', 'Bonn', 3, 120.50::DECIMAL(38,2), 2, 2),
    ('p-bbbbbb-2', 'Josephine Strauß', 'jo@x.org', NULL, 0, 0.00::DECIMAL(38,2), 1, 1),
    ('p-cccccc-3', 'Müller José', NULL, 'Köln', 1, 5.00::DECIMAL(38,2), 2, 2)
    ) t(profile_id, full_name, email, city, orders_lifetime, revenue_lifetime, records, sources))`,
};

async function found(text: string, limit = 20): Promise<string[]> {
  return (await searchProfiles(session, relations, text, limit)).map(({ profileId }) => profileId.slice(-1));
}

describe("search", () => {
  test.each([
    ["the whole name before other orders of its words", "jose muller", ["1", "3"]],
    ["capitals and accents make no difference", "MÜLLER", ["3", "1"]],
    ["beginnings of words, in any order", "mul jos", ["1", "3"]],
    ["letters that are spelled out", "strauss", ["2"]],
    ["Ł", "lukasz", ["3"]],
    ["an e-mail address that only an old record has", "old.joe@y.org", ["1"]],
    ["the beginning of an e-mail address", "jo@", ["2"]],
    ["a phone number as people of the country write it", "0171 2345678", ["1"]],
    ["a phone number as others do", "+49 (171) 2345", ["1"]],
    ["the end of a phone number before its middle", "171", ["3", "1", "2"]],
    ["a customer key", "K-200", ["2"]],
    ["a record id", "t1", ["3"]],
    ["a profile id, and its beginning", "p-bbbbbb-2", ["2"]],
    ["a part of a profile id that names one person", "p-cccc", ["3"]],
    ["signs that mean something in patterns", "100%", ["3"]],
    ["another such", "_", []],
    ["a quote", "o'hara", ["3"]],
    ["nobody", "zzz", []],
    ["records without a profile are nobody yet", "unresolved", []],
    ["no text: who has most records", "  ", ["1", "3", "2"]],
  ])("%s", async (_what, text, ids) => {
    expect(await found(text)).toEqual(ids);
  });

  test("gives what a list shows, at most as many as asked for", async () => {
    expect(await searchProfiles(session, relations, "jos", 2)).toEqual([
      { profileId: "p-aaaaaa-1", name: "José Müller", email: "jose@x.org", city: "Bonn", records: 2 },
      { profileId: "p-bbbbbb-2", name: "Josephine Strauß", email: "jo@x.org", city: null, records: 1 },
    ]);
  });

  test.each([
    ["x".repeat(201), 5],
    ["x", 0],
    ["x", 201],
    ["x", 1.5],
    ["a\0b", 5],
  ])("refuses %j, %j", async (text, limit) => {
    await expect(searchProfiles(session, relations, text, limit)).rejects.toMatchObject({
      code: "profile.bad_search",
    });
  });

  test("works where nobody has a name, an e-mail address or a phone", async () => {
    const bare = {
      "unified.unified_coalesced": "(SELECT 'shop' AS source, '1' AS record_id, 'p1' AS profile_id)",
      "unified.customer_360": "(SELECT 'p1' AS profile_id, 1 AS records)",
    };
    expect(await searchProfiles(session, bare, "1", 5)).toEqual([
      { profileId: "p1", name: null, email: null, city: null, records: 1 },
    ]);
  });
});

test("a profile: its merged fields and its attributes apart", async () => {
  expect(await readProfile(session, relations, "p-aaaaaa-1")).toEqual({
    profileId: "p-aaaaaa-1",
    merged: { full_name: "José Müller", email: "jose@x.org", city: "Bonn" },
    attributes: { orders_lifetime: 3, revenue_lifetime: "120.50", records: 2, sources: 2 },
  });
  expect(await readProfile(session, relations, "p-zzz' OR 1=1 --")).toBeUndefined();
});

test("the records of a profile, with what they say", async () => {
  expect(await profileRecords(session, relations, "p-aaaaaa-1")).toEqual([
    { source: "mail", recordId: "m1", values: { full_name: "Joe Muller", email: "old.joe@y.org" } },
    {
      source: "shop",
      recordId: "17",
      values: {
        full_name: "José Müller",
        email: "jose@x.org",
        phone: "+49 171 2345678",
        customer_key: "K-100",
        updated_time: "2026-01-01T00:00:00Z",
      },
    },
  ]);
});
