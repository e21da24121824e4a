import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { schemaOf } from "../../src/schema/index.ts";
import type { Table } from "../../src/table/index.ts";
import { type ServedProject, servedProject } from "./served-project.ts";
import { type Line, columnsOf, linesOf } from "./sharing-lines.ts";

const DELTA = { "delta-sharing-capabilities": "responseformat=delta;readerfeatures=deletionvectors" };
const ROWS = "SELECT i AS id FROM range(10) r(i)";

let served: ServedProject;
let alice: string;

beforeAll(async () => {
  served = await servedProject();
  await served.share({ changing: { tables: ["unified.plain", "unified.marked"], recipients: ["alice"] } });
  alice = await served.token("alice");
  const plain = await made("plain", {});
  await plain.delete(served.session, { where: "id = 3" });
  await plain.evolve(served.session, [{ kind: "add", path: ["city"], type: "string" }]);
  await plain.write(served.session, { mode: "append", query: "SELECT 10::BIGINT AS id, 'Brno' AS city" });
  await plain.compact(served.session, {});
  const marked = await made("marked", { "delta.enableDeletionVectors": "true" });
  await marked.delete(served.session, { where: "id = 3" });
  await marked.delete(served.session, { where: "id = 4" });
});
afterAll(() => served.close());

async function made(name: string, properties: Record<string, string>): Promise<Table> {
  const schema = schemaOf(await served.session.describe(ROWS));
  const table = await served.catalog.create(`unified.${name}`, { schema, properties });
  await table.write(served.session, { mode: "append", query: ROWS });
  return table;
}

function ask(table: string, rest: string, init: RequestInit = {}): Promise<Response> {
  return served.get(`/delta-sharing/shares/changing/schemas/unified/tables/${table}/${rest}`, alice, init);
}

/** Each line after the first two, as `add@1`. */
function told(lines: readonly Line[]): string[] {
  return lines.slice(2).map((line) => {
    const action = "file" in line ? line.file.deltaSingleAction : line;
    const [[kind, inner] = ["", {}]] = Object.entries(action) as [string, { version?: number }][];
    return `${kind}@${"file" in line ? line.file.version : inner.version}`;
  });
}

describe("a change data feed", () => {
  test("tells files that came and went, commit by commit; not those that were only written anew", async () => {
    const response = await ask("plain", "changes?startingVersion=0");
    expect(response.headers.get("delta-table-version")).toBe("0");
    expect(response.headers.get("delta-sharing-capabilities")).toBe("responseformat=parquet");
    const lines = await linesOf(response);
    expect(told(lines)).toEqual(["add@1", "remove@2", "add@2", "add@4"]);
    expect(columnsOf(lines[1].metaData)).toEqual(["id long", "city string"]);
    const [, , added, removed] = lines;
    expect(removed!.remove!.id).toBe(added!.add!.id);
    expect(removed!.remove!.size).toBe(added!.add!.size);
    expect(removed!.remove!.url).toBe(added!.add!.url);
    expect((await fetch(removed!.remove!.url)).status).toBe(200);
    const table = await served.catalog.find("unified.plain");
    expect(removed!.remove!.timestamp).toBe((await table!.head(2)).timestampMs);
  });

  test("between versions and between moments, both ends included", async () => {
    expect(told(await linesOf(await ask("plain", "changes?startingVersion=2&endingVersion=3")))).toEqual([
      "remove@2",
      "add@2",
    ]);
    const table = await served.catalog.find("unified.plain");
    const moment = async (version: number) =>
      new Date((await table!.head(version)).timestampMs).toISOString();
    const range = `startingTimestamp=${await moment(2)}&endingTimestamp=${await moment(4)}`;
    const lines = await linesOf(await ask("plain", `changes?${range}`));
    expect(told(lines)).toContain("add@4");
    expect(told(lines)).toContain("remove@2");
  });

  test("with what the table was, for who asks for it", async () => {
    const path = "changes?startingVersion=1&includeHistoricalMetadata=True&includeHistoricalProtocol=true";
    const lines = await linesOf(await ask("plain", path, { headers: DELTA }));
    expect(told(lines)).toEqual(["add@1", "remove@2", "add@2", "metaData@3", "add@4"]);
    expect(lines[0].protocol.version).toBe(1);
    expect(lines[1].metaData.version).toBe(1);
    expect(columnsOf(lines[1].metaData.deltaMetadata)).toEqual(["id long"]);
    expect(columnsOf(lines[5]!.metaData.deltaMetadata)).toEqual(["id long", "city string"]);
    expect(lines[1].metaData.deltaMetadata.configuration).toMatchObject({
      "delta.enableChangeDataFeed": "true",
    });
  });

  test("with deletion vectors inside the lines", async () => {
    const lines = await linesOf(await ask("marked", "changes?startingVersion=2", { headers: DELTA }));
    expect(told(lines)).toEqual(["remove@2", "add@2", "remove@3", "add@3"]);
    const vectors = lines.slice(2).map(({ file: { deltaSingleAction: action } }) => {
      const { deletionVector } = action.add ?? action.remove;
      return deletionVector as { storageType: string; cardinality: number } | undefined;
    });
    expect(vectors.map((vector) => vector && [vector.storageType, vector.cardinality])).toEqual([
      undefined,
      ["i", 1],
      ["i", 1],
      ["i", 2],
    ]);
    const refused = await ask("marked", "changes?startingVersion=2");
    expect(await refused.json()).toMatchObject({
      errorCode: "UNSUPPORTED_OPERATION",
      message: expect.stringContaining("deletionVectors"),
    });
  });

  test.each([
    "",
    "startingVersion=-1",
    "startingVersion=one",
    "startingVersion=99",
    "startingVersion=3&endingVersion=2",
    "startingVersion=1&startingTimestamp=2020-01-01T00:00:00Z",
    "startingVersion=1&endingTimestamp=2020-01-01T00:00:00Z",
    "startingTimestamp=2100-01-01T00:00:00Z",
    "startingTimestamp=yesterday",
    "endingVersion=2",
  ])("is refused for %s", async (range) => {
    const response = await ask("plain", `changes?${range}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      errorCode: "INVALID_PARAMETER_VALUE",
      message: expect.any(String),
    });
  });
});

describe("a query since a version", () => {
  const since = (table: string, body: object, headers = {}) =>
    ask(table, "query", { method: "POST", body: JSON.stringify(body), headers });

  test("tells files and, where it changed, what the table is", async () => {
    const response = await since("plain", { startingVersion: 1, endingVersion: 3 });
    expect(response.headers.get("delta-table-version")).toBe("1");
    const lines = await linesOf(response);
    expect(told(lines)).toEqual(["add@1", "remove@2", "add@2", "metaData@3"]);
    expect(columnsOf(lines[1].metaData)).toEqual(["id long"]);
    const inDelta = await linesOf(await since("plain", { startingVersion: 1 }, DELTA));
    expect(told(inDelta)).toEqual(["add@1", "remove@2", "add@2", "metaData@3", "add@4"]);
    expect(inDelta[1].metaData.deltaMetadata.configuration).not.toHaveProperty([
      "delta.enableChangeDataFeed",
    ]);
  });
});
