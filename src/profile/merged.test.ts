import { describe, expect, test } from "vitest";
import { ProfileConfig, profileTables } from "./index.ts";
import { mail, make, people, session, shop } from "./tables-for-test.ts";

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

  test("a whole name wins before half of one, however recent that is", async () => {
    const later = `(FROM (VALUES (1, 'Ann', 'Lee', NULL, '2026-01-01'), (2, NULL, 'LEE', 'ann@x.org', '2026-06-01'))
      t(id, first, last, mail, changed))`;
    const card = {
      name: "card",
      relationName: "card",
      idColumn: "id",
      tags: { first: "given_name", last: "surname", mail: "email", changed: "updated_time" },
    } as const;
    const assigned =
      "(FROM (VALUES ('card', '1', 'p1'), ('card', '2', 'p1')) t(source, record_id, profile_id))";
    const table = await make({}, [card], { card: later, "identity.assignments": assigned });
    expect(await table("merged_customers")).toMatchObject([{ full_name: "Ann Lee", email: "ann@x.org" }]);
  });

  test("does not depend on the order of rows or the number of threads", async () => {
    const records = `SELECT i AS id, 'G' || (i * 7919 % 5) AS first, 'S' || (i * 31 % 3) AS last, 'u' || (i * 13 % 7) || '@x.org' AS mail,
      'Elm ' || (i % 4) AS street, NULL AS number, 'Town' || (i % 2) AS town, NULL AS zip,
      DATE '2026-01-01' + (i * 17 % 4)::INTEGER AS changed, NULL AS born FROM range(3000) t(i)`;
    const ids =
      "(SELECT 'shop' AS source, CAST(i AS VARCHAR) AS record_id, 'p' || (i // 5) AS profile_id FROM range(3000) t(i))";
    const inputs = { "raw.shop": "shop_in_some_order", "identity.assignments": ids };
    const seen = new Set<string>();
    for (const [order, threads] of [
      ["i", 1],
      ["hash(i)", 2],
    ] as const) {
      await session.run(
        `SET threads = ${threads}; CREATE OR REPLACE TABLE shop_in_some_order AS ${records} ORDER BY ${order}`,
      );
      for (const winner of ["most_recent", "most_frequent"]) {
        const table = await make({ winner }, [shop], inputs);
        seen.add(winner + JSON.stringify([await table("unified_coalesced"), await table("customer_360")]));
      }
    }
    expect(seen.size).toBe(2);
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
