import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import { applyRevision } from "../../src/project/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { type ServedProject, SHARES, servedProject } from "./served-project.ts";

/* Segments in the Iceberg catalog: who sees them as views, and that nobody changes them there. */

let served: ServedProject;
let alice: string;
let bob: string;
let owner: string;

beforeAll(async () => {
  served = await servedProject();
  alice = await served.token("alice");
  bob = await served.token("bob");
  owner = await served.token("owner", "admin");
  const { project, catalog } = served;
  await applyRevision(
    project.state,
    {
      ...project.config,
      shares: SHARES,
      catalog: { files_outside: false, trino_name: "lake_1" },
      segments: {
        big: {
          description: "Spend a lot",
          rule: { all: [{ attribute: "amount", op: ">", value: 600 }] },
        },
        broken: { rule: { attribute: "gone", op: "is_null" } },
        extracted: { rule: { attribute: "active", op: "=", value: true } },
        mine: { rule: { attribute: "active", op: "=", value: true } },
      },
    },
    { author: "test", message: "", clock: systemClock },
  );
  // As an extract makes it.
  await catalog.create("segments.extracted", { schema: schemaOf([{ name: "id", type: "BIGINT" }]) });
}, 60_000);
afterAll(() => served.close());

async function ask(token: string, path: string, method = "GET", body?: unknown) {
  const init = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const answer = await served.get(`/iceberg/v1${path}`, token, init);
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    body: text === "" ? undefined : (JSON.parse(text) as Record<string, unknown>),
  };
}
const named = (names: readonly string[]) => ({
  identifiers: names.map((name) => ({ namespace: ["segments"], name })),
});

test("a segment is a view of the people, in each engine's SQL, for who may read all of them", async () => {
  expect((await ask(alice, "/analytics/namespaces/segments/views")).body).toEqual(
    named(["big", "extracted", "mine"]),
  );
  const { body } = await ask(alice, "/analytics/namespaces/segments/views/big");
  const sql = (dialect: string, text: string) => ({ type: "sql", dialect, sql: expect.stringMatching(text) });
  expect(body).toMatchObject({
    metadata: {
      "format-version": 1,
      properties: { comment: "Spend a lot" },
      versions: [
        {
          "default-namespace": ["unified"],
          representations: [
            sql("spark", "FROM `unified`.`customer_360` WHERE .*`amount` > 600"),
            sql("trino", 'FROM "lake_1"."unified"."customer_360" WHERE .*"amount" > 600'),
            sql("duckdb", 'FROM "unified"."customer_360" WHERE .*"amount" > 600'),
          ],
        },
      ],
    },
  });
  const again = await ask(alice, "/namespaces/segments/views/big");
  expect(again.body!["metadata"]).toEqual(body!["metadata"]);
  expect((await ask(alice, "/namespaces/segments/views/BIG", "HEAD")).status).toBe(204);
});

test("who may not read the table of people sees none, and is not told which there are", async () => {
  for (const root of ["", "/finance"]) {
    expect((await ask(bob, `${root}/namespaces`)).text).not.toContain("segments");
    const absent = await ask(bob, `${root}/namespaces/segments/views/nothing`);
    const there = await ask(bob, `${root}/namespaces/segments/views/big`);
    expect([there.status, there.text.replace("big", "nothing")]).toEqual([404, absent.text]);
    expect((await ask(bob, `${root}/namespaces/segments/views`)).status).toBe(404);
  }
});

test("a table of the segment's people is what the name means, for who sees it", async () => {
  expect((await ask(owner, "/namespaces/segments/views")).body).toEqual(named(["big", "mine"]));
  expect((await ask(owner, "/namespaces/segments/tables")).body).toEqual(named(["extracted"]));
  expect((await ask(owner, "/namespaces/segments/views/extracted")).status).toBe(404);
});

test("a rule that does not fit the people is told, and hides no other", async () => {
  const { status, text } = await ask(alice, "/namespaces/segments/views/broken");
  expect([status, text]).toEqual([404, expect.stringContaining("gone")]);
});

test("no engine changes a segment", async () => {
  const view = {
    name: "big",
    schema: { type: "struct", fields: [] },
    "view-version": {
      "version-id": 1,
      "schema-id": 0,
      "timestamp-ms": 1,
      summary: {},
      representations: [{ type: "sql", sql: "SELECT 1", dialect: "spark" }],
      "default-namespace": [],
    },
    properties: {},
  };
  const big = { namespace: ["segments"], name: "big" };
  const free = { namespace: ["unified"], name: "big" };
  const orders = { namespace: ["unified"], name: "orders" };
  const refusals = [
    await ask(owner, "/namespaces/segments/views/big", "DELETE"),
    await ask(owner, "/namespaces/segments/views/big", "POST", { updates: [] }),
    await ask(owner, "/views/rename", "POST", { source: big, destination: free }),
    await ask(owner, "/tables/rename", "POST", { source: orders, destination: big }),
  ];
  for (const { status, text } of refusals)
    expect([status, text]).toEqual([
      403,
      expect.stringContaining("segments.big is a segment: change its rule"),
    ]);
  const taken = [
    await ask(owner, "/namespaces/segments/views", "POST", view),
    await ask(owner, "/namespaces/segments/tables", "POST", { name: "big", schema: view.schema }),
    await ask(owner, "/namespaces", "POST", { namespace: ["segments"] }),
    await ask(owner, "/namespaces/segments", "DELETE"),
  ];
  expect(taken.map(({ status }) => status)).toEqual([409, 409, 409, 409]);
  expect((await ask(alice, "/namespaces/segments/views/big")).status).toBe(200);
});
