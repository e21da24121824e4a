import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServedProject, servedProject } from "./served-project.ts";
import { columnsOf, linesOf } from "./sharing-lines.ts";

const DELTA = { "delta-sharing-capabilities": "responseformat=delta;readerfeatures=deletionvectors" };
const TABLE = "/delta-sharing/shares/analytics/schemas/unified/tables/customer_360";

let served: ServedProject;
let alice: string;
let bob: string;
let nowMs: () => number = () => Date.now();

beforeAll(async () => {
  served = await servedProject({ clock: { now: () => new Date(nowMs()) } });
  alice = await served.token("alice");
  bob = await served.token("bob");
});
afterAll(() => served.close());

const get = (path: string, token?: string, init?: RequestInit) =>
  served.get(`/delta-sharing${path}`, token, init);

async function query(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return served.get(`${TABLE}/query`, alice, { method: "POST", body: JSON.stringify(body), headers });
}

interface Listed {
  readonly items: unknown[];
  readonly nextPageToken: string;
}

interface Refused {
  readonly errorCode: string;
  readonly message: string;
}

describe("what a recipient sees", () => {
  test("its shares, with paging", async () => {
    expect(await (await get("/shares", alice)).json()).toEqual({
      items: [{ name: "analytics" }, { name: "finance" }],
    });
    const first = (await (await get("/shares?maxResults=1", alice)).json()) as Listed;
    expect(first.items).toEqual([{ name: "analytics" }]);
    const second = await get(`/shares?maxResults=1&pageToken=${first.nextPageToken}`, alice);
    expect(await second.json()).toEqual({ items: [{ name: "finance" }] });
    expect(await (await get("/shares", bob)).json()).toEqual({ items: [{ name: "finance" }] });
    expect(await (await get("/shares", await served.token("mallory"))).json()).toEqual({ items: [] });
  });

  test("schemas and tables of a share: those that exist", async () => {
    expect(await (await get("/shares/Analytics", alice)).json()).toEqual({ share: { name: "analytics" } });
    expect(await (await get("/shares/analytics/schemas", alice)).json()).toEqual({
      items: [{ name: "unified", share: "analytics" }],
    });
    const tables = {
      items: [
        { name: "customer_360", schema: "unified", share: "analytics" },
        { name: "orders", schema: "unified", share: "analytics" },
      ],
    };
    expect(await (await get("/shares/analytics/schemas/UNIFIED/tables", alice)).json()).toEqual(tables);
    expect(await (await get("/shares/analytics/all-tables", alice)).json()).toEqual(tables);
  });

  test("an admin sees all shares", async () => {
    const admin = await served.token("owner", "admin");
    expect(((await (await get("/shares", admin)).json()) as Listed).items).toHaveLength(2);
  });
});

describe("what nobody gets", () => {
  test.each([
    ["no token", undefined],
    ["a wrong token", `onecopy_${"A".repeat(43)}`],
    ["rubbish", "x"],
  ])("anything, with %s", async (_what, token) => {
    for (const path of ["/shares", "/shares/analytics", "/nothing", "/shares/x/schemas/y/tables/z/query"]) {
      const response = await get(path, token);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
      expect(await response.json()).toEqual({ errorCode: "UNAUTHENTICATED", message: expect.any(String) });
    }
  });

  test("anything, once the token has expired", async () => {
    const token = await served.token("alice", "recipient", 60_000);
    expect((await get("/shares", token)).status).toBe(200);
    nowMs = () => Date.now() + 60_001;
    expect((await get("/shares", token)).status).toBe(401);
    nowMs = () => Date.now();
  });

  test("to tell a share that is not theirs from one that is not there", async () => {
    for (const path of ["", "/schemas", "/all-tables", "/schemas/unified/tables/orders/version"]) {
      const foreign = await get(`/shares/analytics${path}`, bob);
      const unknown = await get(`/shares/no_such_share${path}`, bob);
      expect([foreign.status, unknown.status]).toEqual([404, 404]);
      const [a, b] = [(await foreign.json()) as Refused, (await unknown.json()) as Refused];
      expect(a.errorCode).toBe("RESOURCE_DOES_NOT_EXIST");
      expect(a.message.replace("analytics", "no_such_share")).toBe(b.message);
    }
  });

  test.each([
    "unified/tables/not_made_yet",
    "internal/tables/edges",
    "unified/tables/..%2f..%2fcustomer_360",
    "unified/tables/%00",
    "_delta_log/tables/x",
  ])("the table %s", async (table) => {
    const response = await get(`/shares/analytics/schemas/${table}/metadata`, alice);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ errorCode: "RESOURCE_DOES_NOT_EXIST" });
  });

  test("a table that only another share of theirs has", async () => {
    const response = await get("/shares/finance/schemas/unified/tables/customer_360/version", alice);
    expect(response.status).toBe(404);
  });
});

describe("a table", () => {
  test("its version", async () => {
    const response = await served.get(`${TABLE}/version`, alice);
    expect(response.status).toBe(200);
    expect(response.headers.get("delta-table-version")).toBe("3");
    const since = await served.get(`${TABLE}/version?startingTimestamp=2020-01-01T00:00:00Z`, alice);
    expect(since.headers.get("delta-table-version")).toBe("0");
    const head = await served.get(TABLE, alice, { method: "HEAD" });
    expect([head.status, head.headers.get("delta-table-version")]).toEqual([200, "3"]);
    const never = await served.get(`${TABLE}/version?startingTimestamp=2100-01-01T00:00:00Z`, alice);
    expect(never.status).toBe(400);
  });

  test("its metadata, in the format that the client asks for", async () => {
    const [protocol, parquet] = await linesOf(await served.get(`${TABLE}/metadata`, alice));
    expect(protocol).toEqual({ protocol: { minReaderVersion: 1 } });
    const response = await served.get(`${TABLE}/metadata`, alice, { headers: DELTA });
    expect(response.headers.get("delta-sharing-capabilities")).toBe("responseformat=delta");
    expect(response.headers.get("delta-table-version")).toBe("3");
    const [deltaProtocol, delta] = await linesOf(response);
    expect(deltaProtocol).toEqual({
      protocol: { deltaProtocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    });
    for (const metaData of [parquet.metaData, delta.metaData.deltaMetadata]) {
      expect(columnsOf(metaData)).toEqual([
        "id long",
        "name string",
        "amount decimal(18,2)",
        "score double",
        "born date",
        "seen timestamp",
        "active boolean",
        "visits integer",
        "city string",
      ]);
      expect(metaData.partitionColumns).toEqual([]);
      expect(metaData.format.provider).toBe("parquet");
      expect(Object.keys(metaData.configuration).filter((key) => key.startsWith("onecopy"))).toEqual([]);
    }
    expect(parquet.metaData.numFiles).toBe(2);
  });

  test("its files, with URLs that need no token and say nothing of where they are", async () => {
    const lines = (await linesOf(await query({}))).slice(2);
    expect(lines).toHaveLength(2);
    for (const { file } of lines) {
      expect(file.partitionValues).toEqual({});
      expect(JSON.parse(file.stats).numRecords).toBeGreaterThan(0);
      expect(file.expirationTimestamp).toBeGreaterThan(Date.now());
      expect(file.version).toBeUndefined();
      expect(new URL(file.url).searchParams.get("X-Amz-Signature")).toMatch(/^[0-9a-f]{64}$/);
      const body = new Uint8Array(await (await fetch(file.url)).arrayBuffer());
      expect(body.length).toBe(file.size);
      expect(Buffer.from(body.subarray(0, 4)).toString()).toBe("PAR1");
    }
    const again = (await linesOf(await query({}, DELTA))).slice(2);
    expect(again.map((line) => line.file.id)).toEqual(lines.map((line) => line.file.id));
  });

  test("as many files as a limit needs", async () => {
    expect(await linesOf(await query({ limitHint: 0 }))).toHaveLength(2);
    expect(await linesOf(await query({ limitHint: 1 }))).toHaveLength(3);
    expect(await linesOf(await query({ limitHint: 5000, predicateHints: ["id > 3"] }))).toHaveLength(4);
  });

  test("only files in which a wanted row may be", async () => {
    const counts = async (body: object) => (await linesOf(await query(body, DELTA))).length - 2;
    expect(await counts({ predicateHints: ["id < 0"] })).toBe(1);
    expect(await counts({ predicateHints: ["id = 150", "`seen` IS NULL"] })).toBe(1);
    expect(await counts({ predicateHints: ["id < -5"] })).toBe(0);
    const children = [
      { op: "column", name: "visits", valueType: "int" },
      { op: "literal", value: "2000000000", valueType: "int" },
    ];
    const jsonPredicateHints = JSON.stringify({ op: "greaterThan", children });
    expect(await counts({ jsonPredicateHints })).toBe(1);
    expect(await counts({ jsonPredicateHints, predicateHints: ["id < -5"] })).toBe(0);
    expect(await counts({ jsonPredicateHints: "no tree", predicateHints: ["id LIKE '%'"] })).toBe(2);
  });

  test("at a version, and at a moment", async () => {
    const first = await linesOf(await query({ version: 1 }, DELTA));
    expect(first).toHaveLength(3);
    expect(first[1].metaData.version).toBe(1);
    expect(first[2]?.file.version).toBe(1);
    const table = await served.catalog.find("unified.customer_360");
    const times: number[] = [];
    for (let version = 0; version <= 3; version++) times.push((await table!.snapshot(version)).timestampMs);
    for (const time of times) {
      const response = await query({ timestamp: new Date(time).toISOString() });
      expect(response.headers.get("delta-table-version")).toBe(String(times.lastIndexOf(time)));
    }
    const newest = await query({ timestamp: "2100-01-01T00:00:00Z" });
    expect(newest.headers.get("delta-table-version")).toBe("3");
    const metadata = await served.get(`${TABLE}/metadata?version=0`, alice);
    expect(metadata.headers.get("delta-table-version")).toBe("0");
  });

  test.each([
    [{ version: 99 }, "INVALID_PARAMETER_VALUE"],
    [{ version: -1 }, "INVALID_PARAMETER_VALUE"],
    [{ version: 1, timestamp: "2100-01-01T00:00:00Z" }, "INVALID_PARAMETER_VALUE"],
    [{ timestamp: "1990-01-01T00:00:00Z" }, "INVALID_PARAMETER_VALUE"],
    [{ timestamp: "yesterday" }, "INVALID_PARAMETER_VALUE"],
    [{ limitHint: -1 }, "INVALID_PARAMETER_VALUE"],
    [{ limitHint: "all" }, "INVALID_PARAMETER_VALUE"],
    [[], "INVALID_PARAMETER_VALUE"],
    [{ startingVersion: 4 }, "INVALID_PARAMETER_VALUE"],
    [{ startingVersion: 2, endingVersion: 1 }, "INVALID_PARAMETER_VALUE"],
    [{ startingVersion: 0, version: 1 }, "INVALID_PARAMETER_VALUE"],
  ])("is not read with %o", async (body, errorCode) => {
    const response = await query(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ errorCode, message: expect.any(String) });
  });

  test("is not read with a body that is no JSON, or that is too large", async () => {
    const broken = await served.get(`${TABLE}/query`, alice, { method: "POST", body: "{" });
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ errorCode: "MALFORMED_REQUEST" });
    const large = await query({ predicateHints: ["x".repeat(2 * 1024 * 1024)] });
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ errorCode: "MALFORMED_REQUEST" });
  });
});
