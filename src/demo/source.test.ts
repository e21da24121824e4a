import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DemoForTest, demoForTest } from "./demo-for-test.ts";
import { truth } from "./contacts.ts";

let demo: DemoForTest;

beforeAll(async () => {
  demo = await demoForTest({ people: 6000, seed: 5 });
  const { folder, session } = demo;
  const csv = "all_varchar = true, header = true, ignore_errors = true, quote = '\"'";
  await session.run(`
    CREATE TEMP TABLE truth AS FROM ${truth(folder)};
    CREATE TEMP TABLE web_shop AS SELECT * EXCLUDE (source) FROM read_csv('${folder}/drops/web_shop/*.csv', ${csv}, delim = ',')
      JOIN truth ON source = 'web_shop' AND record_id = customer_id;
    CREATE TEMP TABLE loyalty AS SELECT * EXCLUDE (source) FROM read_parquet('${folder}/pos/loyalty_members/*.parquet')
      JOIN truth ON source = 'loyalty' AND record_id = member_no;
    CREATE TEMP TABLE email_tool AS SELECT * EXCLUDE (source) FROM read_json('${folder}/drops/email_tool/*.jsonl',
        format = 'newline_delimited', ignore_errors = true)
      JOIN truth ON source = 'email_tool' AND record_id = "subscriberId";
    CREATE TEMP TABLE support_desk AS SELECT * EXCLUDE (source) FROM read_csv('${folder}/drops/support_desk/*.csv', ${csv}, delim = ';')
      JOIN truth ON source = 'support_desk' AND record_id = "Contact No";
    CREATE TEMP TABLE orders AS SELECT * EXCLUDE (source) FROM read_parquet('${folder}/drops/orders/*.parquet')
      JOIN truth ON source = 'orders' AND record_id = order_id`);
});
afterAll(() => demo.remove());

async function count(sql: string): Promise<number> {
  const [row] = await demo.session.rows<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`);
  return row!.n;
}

describe("the sources hold the dirt of life", () => {
  it.each([
    ["phones in brackets", "web_shop WHERE phone LIKE '(%'"],
    ["phones with dots", "web_shop WHERE phone LIKE '%.%.%'"],
    ["phones with the country's 1", "web_shop WHERE phone LIKE '+1 %'"],
    [
      "junk phones in the shop",
      "web_shop WHERE regexp_replace(phone, '[^0-9]', '', 'g') IN ('0000000000', '1234567890', '5555555555')",
    ],
    ["junk birth dates in the shop", "web_shop WHERE date_of_birth = '1900-01-01'"],
    [
      "junk e-mails at the till",
      "loyalty WHERE lower(e_mail) LIKE 'test@%' OR lower(e_mail) LIKE 'none@%' OR lower(e_mail) LIKE 'noemail@%'",
    ],
    ["N/A at the till", "loyalty WHERE fname IN ('N/A', '-', 'UNKNOWN', 'NONE')"],
    [
      "cards with one field",
      "loyalty WHERE fname IS NULL AND lname IS NULL AND street IS NULL AND birth_dt IS NULL",
    ],
    ["names with diacritics in the shop", "web_shop WHERE regexp_matches(last_name, '[^ -~]')"],
    ["misread letters at the till", "loyalty WHERE regexp_matches(lname, '[A-Z][0-9][A-Z]')"],
    [
      "subscribers with an e-mail only",
      `email_tool WHERE "firstName" IS NULL AND "lastName" IS NULL AND "postcode" IS NULL`,
    ],
    ["mojibake at the support desk", `support_desk WHERE "Name" LIKE '%Ã%'`],
    [
      "surname first at the support desk",
      `support_desk WHERE regexp_matches("Name", '^[A-Z-]{2,}, [A-Z][a-z]+$')`,
    ],
    [
      "contacts with a phone only",
      `support_desk WHERE "Name" IS NULL AND "Mail" IS NULL AND "Phone" IS NOT NULL`,
    ],
    ["guest checkouts", "orders WHERE shop_customer_id IS NULL"],
    ["marked gifts to somebody else", "orders WHERE is_gift AND shipping_name <> billing_name"],
    ["unmarked gifts", "orders WHERE NOT is_gift AND shipping_name <> billing_name"],
    ["orders in another currency", "orders WHERE currency = 'CAD'"],
    ["refunds", "orders WHERE status = 'refunded'"],
    ["staff test accounts", "web_shop WHERE person LIKE 'STAFF%'"],
  ])("%s", async (_what, from) => {
    expect(await count(from)).toBeGreaterThan(0);
  });

  it.each([
    [
      "capitals without diacritics at the till",
      "loyalty WHERE fname <> upper(fname) OR regexp_matches(concat(fname, lname, town), '[^ -~]')",
    ],
    [
      "keys of orders to shop accounts that exist",
      "orders WHERE shop_customer_id NOT IN (SELECT customer_id FROM web_shop)",
    ],
    [
      "keys of orders to loyalty cards that exist",
      "orders WHERE loyalty_card NOT IN (SELECT member_no FROM loyalty)",
    ],
    [
      "keys of contacts to shop accounts that exist",
      `support_desk WHERE "Shop Customer No" NOT IN (SELECT customer_id FROM web_shop)`,
    ],
  ])("nothing but %s", async (_what, from) => {
    expect(await count(from)).toBe(0);
  });

  it.each([
    ["e-mail addresses", "lower(email)", "web_shop WHERE email LIKE '%.example'"],
    [
      "phones",
      "mobile",
      "loyalty WHERE mobile NOT IN ('0000000000', '1111111111', '1234567890', '5555555555', '9999999999')",
    ],
    ["addresses", "(address_1, zip_code)", "web_shop WHERE address_1 IS NOT NULL AND person LIKE 'P%'"],
  ])("%s that two people share", async (_what, value, from) => {
    expect(
      await count(`(SELECT ${value} FROM ${from} GROUP BY 1 HAVING count(DISTINCT person) > 1)`),
    ).toBeGreaterThan(5);
  });

  it.each([
    ["second shop accounts", "web_shop", "count(*) > 1"],
    ["second loyalty cards", "loyalty", "count(*) > 1"],
    ["nicknames and typos", "orders", "count(DISTINCT lower(billing_name)) > 1"],
    ["moves", "orders", "count(DISTINCT shipping_zip) > 1"],
    ["several e-mail addresses", "email_tool", `count(DISTINCT lower("emailAddress")) > 1`],
  ])("people with %s", async (_what, from, having) => {
    const people = `(SELECT person FROM ${from} WHERE person LIKE 'P%' GROUP BY 1 HAVING ${having})`;
    expect(await count(people)).toBeGreaterThan(20);
  });

  it("people who took another surname", async () => {
    const renamed = await count(
      `(SELECT DISTINCT person FROM orders JOIN loyalty USING (person)
       WHERE person LIKE 'P%' AND length(lname) > 3 AND upper(strip_accents(split_part(billing_name, ' ', 1))) = fname
         AND levenshtein(upper(strip_accents(split_part(billing_name, ' ', -1))), lname) > 4)`,
    );
    expect(renamed).toBeGreaterThan(3);
  });

  it("orders through the account of somebody else", async () => {
    expect(
      await count(
        "orders JOIN web_shop ON shop_customer_id = customer_id WHERE orders.person <> web_shop.person",
      ),
    ).toBeGreaterThan(20);
  });

  it("numbers that say nothing about who belongs together", async () => {
    const [row] = await demo.session.rows<{ r: number }>(
      `SELECT abs(corr(CAST(customer_id AS BIGINT), CAST(substr(person, 2) AS BIGINT))) AS r FROM web_shop WHERE person LIKE 'P%'`,
    );
    expect(row!.r).toBeLessThan(0.1);
  });
});
