import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaOf } from "../../src/schema/index.ts";
import { type ServedProject, servedProject } from "./served-project.ts";
import { type Line, linesOf } from "./sharing-lines.ts";

const FILES = 7;

let served: ServedProject;
let alice = "";
let bob = "";

beforeAll(async () => {
  served = await servedProject();
  const rows = (from: number): string => `SELECT i AS id FROM range(${from * 10}, ${from * 10 + 10}) r(i)`;
  const schema = schemaOf(await served.session.describe(rows(0)));
  const table = await served.catalog.create("unified.paged", { schema });
  for (let i = 0; i < FILES; i++) await table.write(served.session, { mode: "append", query: rows(i) });
  await served.share({
    analytics: { tables: ["unified.paged", "unified.orders"], recipients: ["alice", "bob"] },
  });
  alice = await served.token("alice");
  bob = await served.token("bob");
});
afterAll(() => served.close());

interface Told {
  readonly head: readonly string[];
  readonly ids: readonly string[];
  readonly next: string | undefined;
}

const ask = (body: object, { token = alice, table = "paged" } = {}): Promise<Response> =>
  served.get(`/delta-sharing/shares/analytics/schemas/unified/tables/${table}/query`, token, {
    method: "POST",
    body: JSON.stringify(body),
  });

async function page(body: object): Promise<Told> {
  const lines = await linesOf(await ask(body));
  const end = lines.at(-1) as unknown as { endStreamAction: { nextPageToken?: string } };
  return {
    head: lines.slice(0, 2).map((line) => JSON.stringify(line)),
    ids: lines.slice(2, -1).map((line: Line) => line.file.id),
    next: end.endStreamAction.nextPageToken,
  };
}

async function pages(body: object): Promise<readonly string[][]> {
  const told: string[][] = [];
  let last = await page(body);
  const { head } = last;
  for (;;) {
    told.push([...last.ids]);
    expect(last.head).toEqual(head);
    if (last.next === undefined) return told;
    last = await page({ ...body, pageToken: last.next });
  }
}

describe("a query in pages", () => {
  test.each([1, 2, 3, 6, 7, 8])("tells each file once, %i at a time", async (maxFiles) => {
    const whole = (await linesOf(await ask({}))).slice(2).map((line) => line.file.id);
    const told = await pages({ maxFiles });
    expect(told.map((ids) => ids.length)).toEqual(
      Array.from({ length: Math.ceil(FILES / maxFiles) }, (_, i) => Math.min(maxFiles, FILES - i * maxFiles)),
    );
    expect(told.flat().sort()).toEqual([...whole].sort());
  });

  test("ends where the rows are enough that the client wants, and leaves out what no row of it is in", async () => {
    expect((await pages({ maxFiles: 2, limitHint: 35 })).map((ids) => ids.length)).toEqual([2, 2]);
    const predicateHints = ["id >= 25", "id < 55"];
    expect((await pages({ maxFiles: 2, predicateHints })).flat()).toHaveLength(4);
  });

  test("stays at its version while the table goes on", async () => {
    const first = await page({ maxFiles: 4, includeRefreshToken: true });
    const table = (await served.catalog.find("unified.paged"))!;
    await table.write(served.session, { mode: "overwrite", query: "SELECT 0::BIGINT AS id" });
    const second = await page({ maxFiles: 4, pageToken: first.next, includeRefreshToken: true });
    expect(new Set([...first.ids, ...second.ids]).size).toBe(FILES);
    expect(second.next).toBeUndefined();
    expect((await page({ maxFiles: 4 })).ids).toHaveLength(1);
    const version = FILES;
    expect((await pages({ maxFiles: 3, version })).map((ids) => ids.length)).toEqual([3, 3, 1]);
  });

  test("takes a token from who was given it, for the same table and the same question", async () => {
    const version = FILES;
    const { next } = await page({ maxFiles: 3, version });
    const token = { maxFiles: 3, version, pageToken: next };
    expect((await ask(token)).status).toBe(200);
    expect((await ask({ ...token, maxFiles: 1 })).status).toBe(200);
    for (const [body, as] of [
      [token, { token: bob }],
      [token, { table: "orders" }],
      [{ ...token, version: version - 1 }, {}],
      [{ ...token, limitHint: 1 }, {}],
      [{ ...token, predicateHints: ["id = 1"] }, {}],
      [{ ...token, pageToken: `${next!.slice(0, -2)}AA` }, {}],
      [{ ...token, pageToken: "page" }, {}],
      [{ ...token, refreshToken: "x", version: undefined }, {}],
      [{ startingVersion: 1, pageToken: next }, {}],
      [{ maxFiles: 0 }, {}],
    ] as const) {
      const answer = await ask(body, as);
      expect([body, answer.status, await answer.json()]).toEqual([
        body,
        400,
        { errorCode: "INVALID_PARAMETER_VALUE", message: expect.any(String) },
      ]);
    }
  });
});
