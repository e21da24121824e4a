import { expect, test } from "vitest";
import { recordEdges } from "./edges.ts";
import { namespacesOf } from "./namespace.ts";

const source = (name: string, records: number, tags: Record<string, string>) => {
  return { name, kind: "files" as const, location: `${name}.csv`, records, tags };
};
const overview = {
  name: "shop",
  revision: 1,
  lake: "file:///lake/",
  sources: [
    source("web", 400, { mail: "email" }),
    source("desk", 100, { name: "full_name" }),
    source("orders", 900, { id: "transaction_key", on: "transaction_time", who: "foreign_key:web" }),
  ],
  people: { profiles: 300, records: 500 },
  tables: [],
  segments: [{ name: "buyers", description: "", people: 3 }],
  syncs: [
    { name: "mailer", segment: "buyers", destination: "files", lastDelivery: null },
    { name: "orphan", segment: "gone", destination: "files", lastDelivery: null },
  ],
  shares: [{ name: "analytics", tables: [], recipients: [] }],
  answers: [],
  demo: null,
};

test("records of people go to the people, orders that only point to them go past", () => {
  const ends = recordEdges(overview).map(({ from, to }) => `${from} ${to}`);
  expect(ends).toEqual([
    "source:web people",
    "source:desk people",
    "source:orders tables",
    "people tables",
    "tables segment:buyers",
    "segment:buyers sync:mailer",
    "tables share:analytics",
  ]);
});

test("a line's volume grows with the records, up to 1", () => {
  const [web, desk, orders] = recordEdges(overview).map(({ volume }) => volume);
  expect(orders).toBe(1);
  expect(web).toBeCloseTo(2 / 3);
  expect(desk).toBeCloseTo(1 / 3);
});

test("an empty lake has lines without volume", () => {
  const empty = {
    ...overview,
    sources: [source("web", 0, { mail: "email" })],
    people: { profiles: 0, records: 0 },
  };
  expect(
    recordEdges(empty)
      .slice(0, 2)
      .map(({ volume }) => volume),
  ).toEqual([0, 0]);
});

test("namespaces: OneCopy's in reading order, the owner's by name, the logs last", () => {
  const names = ["_system.runs", "zoo.animals", "raw.web", "arts.books", "unified.customer_360", "raw.desk"];
  const tables = names.map((name) => ({ name, version: 0, rows: 0, sizeBytes: 0, files: 0 }));
  expect(namespacesOf(tables).map(({ name, tables: own }) => [name, own.length])).toEqual([
    ["unified", 1],
    ["raw", 2],
    ["arts", 1],
    ["zoo", 1],
    ["_system", 1],
  ]);
});
