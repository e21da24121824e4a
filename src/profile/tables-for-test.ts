import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { type Engine, type Session, type Value, ident, openEngine } from "../engine/index.ts";
import { ProfileConfig, type ProfileSource, profileTables } from "./index.ts";

/** Two small sources of people, one of orders, and all five tables made from them. */

let folder: string;
let engine: Engine;
export let session: Session;

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

export type Row = Record<string, Value>;

/** Makes all five tables, each in the session under its own name. */
export async function make(
  config: unknown,
  sources: readonly ProfileSource[],
  inputs: Readonly<Record<string, string>>,
  asOf = "2026-11-22",
): Promise<(name: string) => Promise<Row[]>> {
  const households = "(VALUES ('p1', 'h1', 1), ('p2', 'h1', 1)) t(profile_id, household_id, first_seen)";
  const relations: Record<string, string> = { "identity.households": households, ...inputs };
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

export const shop: ProfileSource = {
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
export const mail: ProfileSource = {
  name: "mail",
  relationName: "mail_tool",
  idColumn: "uid",
  tags: { name: "full_name", address: "email", customer: "foreign_key:shop", at: "updated_time" },
};
const mailRelation = `(VALUES ('m1', 'Annie Lee', 'ann@old.org', 1.0, TIMESTAMP '2025-01-01 10:00:00'),
  ('m2', 'Annie Lee', 'ann@new.org', NULL, TIMESTAMP '2026-03-01 10:00:00')) t(uid, name, address, customer, "at")`;
const assignments = `(VALUES ('shop', '1', 'p1', 1), ('shop', '2', 'p1', 1), ('shop', '3', 'p2', 1),
  ('mail', 'm1', 'p1', 1), ('mail', 'm2', 'p1', 1)) t(source, record_id, profile_id, first_seen)`;
export const people = {
  "raw.shop": shopRelation,
  mail_tool: mailRelation,
  "identity.assignments": assignments,
};

export const orders: ProfileSource = {
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

export async function withOrders(
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
