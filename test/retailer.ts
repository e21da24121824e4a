import { join } from "node:path";
import { writeRetail } from "../bench/identity/retail.ts";
import { type Session, ident, literal } from "../src/engine/index.ts";
import type { Tag } from "../src/source/index.ts";
import type { IdentityInput } from "../src/identity/index.ts";

const tags: Readonly<Record<string, Readonly<Record<string, Tag>>>> = {
  webshop: {
    account_id: "customer_key",
    first_name: "given_name",
    last_name: "surname",
    email: "email",
    phone: "phone",
    street: "address",
    postcode: "postal",
    town: "city",
    date_of_birth: "birthdate",
  },
  orders: {
    account_id: "foreign_key:webshop",
    contact_email: "email",
    contact_phone: "phone",
    ship_first_name: "given_name",
    ship_last_name: "surname",
    ship_address: "address",
    ship_city: "city",
    ship_zip: "postal",
  },
  loyalty: {
    surname: "surname",
    forename: "given_name",
    birth_day: "birthdate",
    home_phone: "phone",
    address_line: "address",
    city: "city",
    zip: "postal",
    email: "email",
  },
  newsletter: { email_address: "email", name: "full_name" },
  store: { customer_name: "full_name", telephone: "phone", city: "city", email: "email" },
};
const ids: Readonly<Record<string, string>> = {
  webshop: "account_id",
  orders: "order_no",
  loyalty: "card_no",
  newsletter: "subscriber_id",
  store: "contact_id",
};

/** Makes the tables `all_<source>` of a retailer's five sources, with a column `n` that numbers the records over all sources from 0. */
export async function loadRetail(
  session: Session,
  folder: string,
  records: number,
  seed: number,
): Promise<number> {
  await writeRetail(folder, records, seed);
  let first = 0;
  for (const source of Object.keys(tags)) {
    await session.run(`CREATE OR REPLACE TABLE ${ident(`all_${source}`)} AS
      SELECT *, CAST(${first} + row_number() OVER () - 1 AS INTEGER) AS n FROM read_csv(${literal(join(folder, `${source}.csv`))}, all_varchar = true, header = true)`);
    const [count] = await session.rows<{ n: number }>(`SELECT count(*) AS n FROM ${ident(`all_${source}`)}`);
    first += count!.n;
  }
  return first;
}

/** The five sources as far as `relation` of a source says, with its columns and `n`; default: all records. */
export function retailInputs(
  relation: (source: string) => string = (source) => `all_${source}`,
): IdentityInput[] {
  return Object.keys(tags).map((source) => ({
    source,
    relation: relation(source),
    idColumn: ids[source]!,
    tags: tags[source]!,
  }));
}
