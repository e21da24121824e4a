import { tmpdir } from "node:os";
import { afterAll, beforeAll } from "vitest";
import { type Engine, type Session, literal, openEngine } from "../engine/index.ts";
import { type Population, type Rule, compileSegment } from "./index.ts";

const columns = [
  { name: "profile_id", type: "VARCHAR" },
  { name: "orders_365d", type: "BIGINT" },
  { name: "revenue_365d", type: "DECIMAL(38,2)" },
  { name: "score", type: "DOUBLE" },
  { name: "city", type: "VARCHAR" },
  { name: "member", type: "BOOLEAN" },
  { name: "joined", type: "DATE" },
  { name: "last_order_time", type: "TIMESTAMP WITH TIME ZONE" },
  { name: "email", type: "VARCHAR" },
] as const;
export type Name = (typeof columns)[number]["name"];

/** A row in plain JavaScript; decimals, dates and instants as text. */
export type Person = Readonly<Record<Name, string | number | boolean | null>>;

export const asOf = "2026-11-22";
let engine: Engine;
export let session: Session;

beforeAll(async () => {
  engine = await openEngine({ spillFolder: tmpdir(), memoryLimit: "300MB" });
  session = await engine.session();
});

afterAll(async () => {
  session.close();
  await engine.close();
});

export function population(people: readonly Person[]): Population {
  const rows = people.map(
    (person) =>
      `SELECT ${columns.map(({ name, type }) => `CAST(${literal(person[name])} AS ${type}) AS ${name}`).join(", ")}`,
  );
  const none = `SELECT ${columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${name}`).join(", ")} WHERE false`;
  return { relation: `(${[none, ...rows].join(" UNION ALL ")})`, columns, identifying: ["email"] };
}

export async function select(rule: Rule, people: readonly Person[]): Promise<string[]> {
  const rows = await session.rows<{ profile_id: string }>(
    `${compileSegment(rule, population(people), asOf)} ORDER BY 1`,
  );
  return rows.map((row) => row.profile_id);
}

export const nobody: Person = {
  profile_id: "p",
  orders_365d: null,
  revenue_365d: null,
  score: null,
  city: null,
  member: null,
  joined: null,
  last_order_time: null,
  email: null,
};
