import { describe, expect, test } from "vitest";
import { ident } from "../engine/index.ts";
import { ProfileConfig, type ProfileSource, profileTables } from "./index.ts";
import { mail, make, orders, people, session, shop, withOrders } from "./tables-for-test.ts";

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
        transaction_key: "o3",
        record_id: "l9",
        profile_id: "p9",
        transaction_time: "2026-10-26T07:33:20Z",
        currency: null,
        amount: "-3.00",
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
      household_id: "h1",
      household_profiles: 2,
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

  test("who shares a household with nobody has none, and is one", async () => {
    const table = await withOrders(`('l9', 'a', '2026-11-01', '10', NULL, NULL, 'guest@x.org')`);
    expect((await table("customer_360")).find((row) => row["profile_id"] === "p9")).toMatchObject({
      household_id: null,
      household_profiles: 1,
    });
  });
});

test("a birth date in three columns is one in the unified tables", async () => {
  const church: ProfileSource = {
    name: "church",
    relationName: "raw.church",
    idColumn: "id",
    tags: { d: "birth_day", m: "birth_month", y: "birth_year" },
  };
  const table = await make({}, [church], {
    "raw.church": "(VALUES (1, 4, 'March', 1560), (2, 25, NULL, 1980)) t(id, d, m, y)",
    "identity.assignments":
      "(VALUES ('church', '1', 'p1', 1), ('church', '2', 'p2', 1)) t(source, record_id, profile_id, first_seen)",
  });
  expect(await table("unified_coalesced")).toMatchObject([
    { record_id: "1", birthdate: "1560-03-04" },
    { record_id: "2", birthdate: "1980-00-25" },
  ]);
  expect(await table("merged_customers")).toMatchObject([
    { profile_id: "p1", birthdate: "1560-03-04" },
    { profile_id: "p2", birthdate: null },
  ]);
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
