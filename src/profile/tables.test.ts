import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, type Session, type Value, ident, openEngine } from "../engine/index.ts";
import { ProfileConfig, type ProfileSource, profileTables } from "./index.ts";

let folder: string;
let engine: Engine;
let session: Session;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-profile-"));
  engine = await openEngine({ spillFolder: folder, memoryLimit: "500MB" });
  session = await engine.session();
});

afterAll(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true });
});

type Row = Record<string, Value>;

/** Makes all five tables, each in the session under its own name. */
async function make(
  config: unknown,
  sources: readonly ProfileSource[],
  inputs: Readonly<Record<string, string>>,
  asOf = "2026-11-22",
): Promise<(name: string) => Promise<Row[]>> {
  const relations: Record<string, string> = { ...inputs };
  const tables = profileTables(ProfileConfig.parse(config), sources);
  for (const table of tables) {
    const made = ident(table.name);
    await session.run(`CREATE OR REPLACE TABLE ${made} AS ${table.sql(relations, asOf)}`);
    relations[table.name] = made;
    const columns = (await session.describe(`SELECT * FROM ${made}`)).map(({ name }) => name);
    expect(columns).toEqual(expect.arrayContaining([...table.identifying]));
  }
  return (name) => session.rows(`SELECT * FROM ${ident(`unified.${name}`)}`);
}

const shop: ProfileSource = {
  name: "shop",
  relationName: "raw.shop",
  idColumn: "id",
  tags: {
    id: "customer_key",
    first: "given_name",
    last: "surname",
    mail: "email",
    street: "address",
    number: "address",
    town: "city",
    zip: "postal",
    changed: "updated_time",
    born: "birthdate",
  },
};
const shopRelation = `(VALUES
  (1, 'Ann', 'Lee', 'ann@old.org', 'Elm St', '5', 'Bonn', '53111', '2026-01-01', '25/12/1980'),
  (2, 'Ann', 'Smith', ' n/a ', NULL, NULL, 'Köln', NULL, '2026-05-01', '03/04/1981'),
  (3, 'Bob', 'null', 'bob@x.org', '-', NULL, NULL, NULL, NULL, 'unknown')
  ) t(id, first, last, mail, street, number, town, zip, changed, born)`;
const mail: ProfileSource = {
  name: "mail",
  relationName: "mail_tool",
  idColumn: "uid",
  tags: { name: "full_name", address: "email", customer: "foreign_key:shop", at: "updated_time" },
};
const mailRelation = `(VALUES ('m1', 'Annie Lee', 'ann@old.org', 1.0, TIMESTAMP '2025-01-01 10:00:00'),
  ('m2', 'Annie Lee', 'ann@new.org', NULL, TIMESTAMP '2026-03-01 10:00:00')) t(uid, name, address, customer, "at")`;
const assignments = `(VALUES ('shop', '1', 'p1', 1), ('shop', '2', 'p1', 1), ('shop', '3', 'p2', 1),
  ('mail', 'm1', 'p1', 1), ('mail', 'm2', 'p1', 1)) t(source, record_id, profile_id, first_seen)`;
const people = { "raw.shop": shopRelation, mail_tool: mailRelation, "identity.assignments": assignments };

describe("unified_coalesced", () => {
  test("holds every record as it says it, with its profile", async () => {
    const table = await make({}, [shop, mail], people);
    const rows = await table("unified_coalesced");
    expect(
      rows.map(
        ({ source, record_id, profile_id }) => `${String(source)} ${String(record_id)} ${String(profile_id)}`,
      ),
    ).toEqual(["mail m1 p1", "mail m2 p1", "shop 1 p1", "shop 2 p1", "shop 3 p2"]);
    expect(rows[2]).toEqual({
      source: "shop",
      record_id: "1",
      profile_id: "p1",
      given_name: "Ann",
      surname: "Lee",
      full_name: "Ann Lee",
      email: "ann@old.org",
      birthdate: "1980-12-25",
      address: "Elm St 5",
      city: "Bonn",
      postal: "53111",
      customer_key: "1",
      foreign_key_shop: null,
      updated_time: "2026-01-01T00:00:00Z",
    });
    // Day before month, learned from the column's 25/12; and a placeholder stays visible.
    expect(rows[3]).toMatchObject({ birthdate: "1981-04-03", email: "n/a", address: null });
    expect(rows[4]).toMatchObject({ birthdate: "unknown", surname: "null", updated_time: null });
  });

  test("a record that is not resolved yet has no profile, and is in no merged row", async () => {
    const one = {
      ...people,
      "identity.assignments": "(SELECT 'shop' AS source, '1' AS record_id, 'p1' AS profile_id)",
    };
    const table = await make({}, [shop], one);
    expect((await table("unified_coalesced")).map((row) => row["profile_id"])).toEqual(["p1", null, null]);
    expect(await table("merged_customers")).toHaveLength(1);
    expect(await table("customer_360")).toMatchObject([{ profile_id: "p1", records: 1, sources: 1 }]);
  });
});

describe("merged_customers", () => {
  test("the most recent value wins, placeholders never, and the address comes from one record", async () => {
    const table = await make({}, [shop, mail], people);
    expect(await table("merged_customers")).toEqual([
      {
        profile_id: "p1",
        given_name: "Ann",
        surname: "Smith",
        full_name: "Ann Smith",
        email: "ann@new.org",
        birthdate: "1981-04-03",
        // Köln is more recent, but has no street.
        address: "Elm St 5",
        city: "Bonn",
        postal: "53111",
      },
      {
        profile_id: "p2",
        given_name: "Bob",
        surname: null,
        full_name: "Bob null",
        email: "bob@x.org",
        birthdate: null,
        address: null,
        city: null,
        postal: null,
      },
    ]);
  });

  test("the configured rule decides, for all fields or for one", async () => {
    const frequent = await make(
      { winner: "most_frequent", winners: { full_name: "longest" } },
      [shop, mail],
      people,
    );
    expect((await frequent("merged_customers"))[0]).toMatchObject({
      email: "ann@old.org",
      full_name: "Ann Smith",
      surname: "Smith",
    });
    const trusted = await make(
      { winner: "source_priority", source_priority: ["mail"] },
      [shop, mail],
      people,
    );
    expect((await trusted("merged_customers"))[0]).toMatchObject({
      email: "ann@new.org",
      full_name: "Annie Lee",
    });
    const other = await make(
      { winners: { email: "source_priority" }, source_priority: ["shop"] },
      [shop, mail],
      people,
    );
    expect((await other("merged_customers"))[0]).toMatchObject({
      email: "ann@old.org",
      full_name: "Ann Smith",
    });
  });

  test("does not depend on the order of rows or the number of threads", async () => {
    const records = (
      order: string,
    ): string => `(SELECT i AS id, 'G' || (i * 7919 % 5) AS first, 'S' || (i * 31 % 3) AS last,
        'u' || (i * 13 % 7) || '@x.org' AS mail, 'Elm ' || (i % 4) AS street, NULL AS number, 'Town' || (i % 2) AS town,
        NULL AS zip, DATE '2026-01-01' + (i * 17 % 4)::INTEGER AS changed, NULL AS born FROM range(5000) t(i) ORDER BY ${order})`;
    const ids =
      "(SELECT 'shop' AS source, CAST(i AS VARCHAR) AS record_id, 'p' || (i // 5) AS profile_id FROM range(5000) t(i))";
    const seen: string[] = [];
    for (const [order, threads] of [
      ["i", 1],
      ["hash(i)", 2],
      ["i DESC", 2],
    ] as const)
      for (const winner of ["most_recent", "most_frequent", "longest"]) {
        await session.run(`SET threads = ${threads}`);
        const table = await make({ winner }, [shop], {
          "raw.shop": records(order),
          "identity.assignments": ids,
        });
        seen.push(winner + JSON.stringify(await table("customer_360")));
      }
    expect(new Set(seen).size).toBe(3);
  });

  test("source_priority must be there and name sources", () => {
    expect(() => ProfileConfig.parse({ winners: { email: "source_priority" } })).toThrow(
      /source_priority needs the list/,
    );
    expect(() => profileTables(ProfileConfig.parse({ source_priority: ["shpo"] }), [shop])).toThrow(
      /shpo; the sources are shop/,
    );
    expect(() => ProfileConfig.parse({ winners: { city: "longest" } })).toThrow();
  });
});

const orders: ProfileSource = {
  name: "orders",
  relationName: "raw.orders",
  idColumn: "line",
  tags: {
    order: "transaction_key",
    at: "transaction_time",
    total: "transaction_amount",
    cur: "currency",
    who: "foreign_key:shop",
    mail: "email",
  },
};

async function withOrders(
  values: string,
  config: unknown = {},
  asOf?: string,
): Promise<(name: string) => Promise<Row[]>> {
  const relation = `(VALUES ${values}) t(line, "order", "at", total, cur, who, mail)`;
  const guests = `(SELECT source, record_id, profile_id FROM ${assignments} UNION ALL SELECT 'orders', 'l9', 'p9')`;
  return make(
    config,
    [shop, orders],
    { ...people, "raw.orders": relation, "identity.assignments": guests },
    asOf,
  );
}

describe("transactions and attributes", () => {
  test("an order belongs to whom its foreign key names, a guest's to whom the record was resolved to", async () => {
    const table = await withOrders(
      `('l1', 'o1', '2026-11-01T10:00:00+02:00', '1.234,50', 'eur', '1.0', NULL),
       ('l2', 'o2', '2026-11-02 10:00', '12', 'EUR', '77', NULL),
       ('l9', 'o3', '1793000000', '(3.00)', NULL, NULL, 'guest@x.org'),
       ('l4', NULL, '2026-11-02', '9', 'EUR', '1', NULL)`,
    );
    expect(await table("unified_transactions")).toEqual([
      {
        source: "orders",
        transaction_key: "o1",
        record_id: "l1",
        profile_id: "p1",
        transaction_time: "2026-11-01T08:00:00Z",
        currency: "EUR",
        amount: "1234.50",
      },
      {
        source: "orders",
        transaction_key: "o2",
        record_id: "l2",
        profile_id: null,
        transaction_time: "2026-11-02T10:00:00Z",
        currency: "EUR",
        amount: "12.00",
      },
      {
        source: "orders",
        transaction_key: "o3",
        record_id: "l9",
        profile_id: "p9",
        transaction_time: "2026-10-26T07:33:20Z",
        currency: null,
        amount: "-3.00",
      },
    ]);
  });

  test("an order that was delivered twice counts once", async () => {
    const table = await withOrders(
      `('l1', 'o1', '2026-11-01', '10', NULL, '1', NULL), ('l2', 'o1', '2026-11-03', '11', NULL, '1', NULL)`,
    );
    expect(await table("unified_transactions")).toMatchObject([{ record_id: "l2", amount: "11.00" }]);
  });

  test("windows are half-open and end with the as-of day", async () => {
    // Thirty days up to and with 30 January: 1 January 00:00 is the first moment in, 31 January 00:00 the first out.
    const table = await withOrders(
      `('a', 'a', '2026-01-01T00:00:00Z', '1', NULL, '1', NULL), ('b', 'b', '2025-12-31T23:59:59.999999Z', '2', NULL, '1', NULL),
       ('c', 'c', '2026-01-30T23:59:59.999999Z', '4', NULL, '1', NULL), ('d', 'd', '2026-01-31T00:00:00Z', '8', NULL, '1', NULL),
       ('e', 'e', '2025-01-31T00:00:00Z', '16', NULL, '1', NULL), ('f', 'f', '2025-01-30T23:59:59Z', '32', NULL, '1', NULL),
       ('g', 'g', NULL, '64', NULL, '1', NULL)`,
      {},
      "2026-01-30",
    );
    expect(await table("customer_attributes")).toEqual([
      {
        profile_id: "p1",
        first_order_time: "2025-01-30T23:59:59Z",
        last_order_time: "2026-01-30T23:59:59.999999Z",
        orders_30d: 2,
        revenue_30d: "5.00",
        orders_365d: 4,
        revenue_365d: "23.00",
        orders_lifetime: 6,
        revenue_lifetime: "119.00",
        orders_in_other_currencies: 0,
        revenue_currency: null,
        as_of: "2026-01-30",
      },
    ]);
  });

  test("amounts of different currencies are never added up; a refund is revenue, not an order", async () => {
    const values = `('a', 'a', '2026-11-01', '10', 'USD', '1', NULL), ('b', 'b', '2026-11-01', '20', 'EUR', '1', NULL),
      ('c', 'c', '2026-11-02', '30', 'EUR', '1', NULL), ('d', 'd', '2026-11-03', '-5', NULL, '1', NULL)`;
    const usual = await withOrders(values);
    expect(await usual("customer_attributes")).toMatchObject([
      {
        orders_lifetime: 3,
        revenue_lifetime: "45.00",
        orders_in_other_currencies: 1,
        revenue_currency: "EUR",
        last_order_time: "2026-11-02T00:00:00Z",
      },
    ]);
    const dollars = await withOrders(values, { currency: "USD" });
    expect(await dollars("customer_attributes")).toMatchObject([
      { revenue_lifetime: "5.00", revenue_currency: "USD", orders_in_other_currencies: 2 },
    ]);
  });

  test("people without orders have 0 orders and 0 revenue", async () => {
    const table = await withOrders(`('a', 'a', '2026-11-01', '10', NULL, '1', NULL)`);
    const bob = (await table("customer_360")).find((row) => row["profile_id"] === "p2");
    expect(bob).toMatchObject({
      orders_30d: 0,
      orders_lifetime: 0,
      revenue_lifetime: "0.00",
      last_order_time: null,
      records: 1,
      sources: 1,
    });
    const none = await make({}, [shop, mail], people);
    expect(await none("unified_transactions")).toEqual([]);
    expect((await none("customer_360"))[0]).toMatchObject({
      orders_365d: 0,
      revenue_365d: "0.00",
      records: 4,
      sources: 2,
    });
  });
});

test("all five tables exist without any source, with the same types as with some", async () => {
  const empty = await make({}, [], {});
  const types = async (): Promise<unknown> => {
    const found = [];
    for (const name of ["unified_transactions", "customer_attributes"])
      found.push(await session.describe(`SELECT * FROM ${ident(`unified.${name}`)}`));
    return found;
  };
  const before = await types();
  expect(await empty("customer_360")).toEqual([]);
  await withOrders(`('a', 'a', '2026-11-01', '10', NULL, '1', NULL)`);
  expect(await types()).toEqual(before);
});

test("a table is hashed by its query: another configuration is another rule, another day is not", () => {
  const rules = (config: unknown): string[] =>
    profileTables(ProfileConfig.parse(config), [shop, orders]).map(({ rule }) => String(rule));
  expect(rules({})).toEqual(rules({}));
  expect(rules({ winner: "longest" }).map((rule, i) => rule === rules({})[i])).toEqual([
    true,
    false,
    true,
    true,
    true,
  ]);
  expect(profileTables(ProfileConfig.parse({}), [shop]).map((table) => table.timeDependent)).toEqual([
    false,
    false,
    false,
    true,
    false,
  ]);
});
