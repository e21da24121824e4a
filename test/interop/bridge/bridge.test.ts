import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeProfileFile } from "../../../src/bridge/index.ts";
import { scan } from "../../../src/table/index.ts";
import { SHARES, type ServedProject, servedProject } from "../../bridge/served-project.ts";

const PYTHON = new URL("../../../.venv/bin/python", import.meta.url).pathname;
const CUSTOMERS = "unified.customer_360";

type Row = Record<string, string | number | boolean | null>;

let served: ServedProject;
let profile = "";
let token = "";

beforeAll(async () => {
  served = await servedProject();
  token = await served.token("alice");
  profile = await profileOf("alice", token);
});
afterAll(() => served.close());

async function profileOf(name: string, bearerToken: string): Promise<string> {
  const path = join(served.folder, `${name}.share`);
  const endpoint = `${served.server.url}/delta-sharing/`;
  await writeProfileFile(path, { endpoint, token: bearerToken, expiresAt: new Date(Date.now() + 3_600_000) });
  return path;
}

/** A client's rows, in the order of their first column. */
async function python(script: string, ...args: string[]): Promise<Row[]> {
  const file = new URL(script, import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(PYTHON, ["-W", "ignore", file, ...args], {
    maxBuffer: 2 ** 26,
  });
  return sorted(
    stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Row),
  );
}

/** The rows that the engine's own scan gives, in the form of cells.py. */
async function scanned(version?: number): Promise<Row[]> {
  const table = await served.catalog.find(CUSTOMERS);
  const snapshot = await table!.snapshot(version);
  const columns = snapshot.schema.fields.map(({ name, type }) => {
    if (type === "double")
      return `CASE WHEN isnan(${name}) OR isinf(${name}) THEN NULL ELSE ${name} END AS ${name}, CASE WHEN isnan(${name}) THEN 'NaN' WHEN ${name} = 'inf' THEN 'Infinity' WHEN ${name} = '-inf' THEN '-Infinity' END AS ${name}_special`;
    if (type === "boolean") return name;
    if (type === "timestamp")
      return `strftime(${name} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f') AS ${name}`;
    return `CAST(${name} AS VARCHAR) AS ${name}`;
  });
  const rows = await served.session.rows<Row>(
    `SELECT ${columns.join(", ")} FROM ${await scan(served.session, snapshot)}`,
  );
  return sorted(
    rows.map(({ score_special, ...row }) => ({ ...row, score: score_special ?? row["score"] ?? null })),
  );
}

function sorted(rows: Row[]): Row[] {
  return [...rows].sort((a, b) => (String(a["id"]) < String(b["id"]) ? -1 : 1));
}

/** pandas knows no difference between null and NaN in a column of doubles. */
function nanAsNull(rows: Row[]): Row[] {
  return rows.map((row) => ({ ...row, score: row["score"] === "NaN" ? null : (row["score"] ?? null) }));
}

describe("the delta-sharing client", () => {
  test.each(["delta", "parquet", "auto"])("reads what the engine scans, in format %s", async (format) => {
    const rows = await python("read_share.py", profile, `analytics.${CUSTOMERS}`, format);
    expect(rows).toHaveLength(505);
    expect(nanAsNull(rows)).toEqual(nanAsNull(await scanned()));
  });

  test.each(["delta", "parquet"])(
    "reads an older version, and as many rows as it wants, in format %s",
    async (format) => {
      const old = await python("read_share.py", profile, `analytics.${CUSTOMERS}`, format, "1");
      expect(nanAsNull(old)).toEqual(nanAsNull(await scanned(1)));
      const some = await python("read_share.py", profile, `analytics.${CUSTOMERS}`, format, "", "7");
      expect(some).toHaveLength(7);
    },
  );

  test("lists what is shared with its profile, and nothing else", async () => {
    const file = new URL("list_share.py", import.meta.url).pathname;
    const list = async (path: string) =>
      (await promisify(execFile)(PYTHON, [file, path])).stdout.trim().split("\n");
    expect(await list(profile)).toEqual([
      "analytics.unified.customer_360",
      "analytics.unified.orders",
      "finance.unified.orders",
    ]);
    expect(await list(await profileOf("bob", await served.token("bob")))).toEqual(["finance.unified.orders"]);
  });

  test("is refused what is not shared with it, with a wrong token, and with one that has expired", async () => {
    const bob = await profileOf("bob2", await served.token("bob"));
    await expect(python("read_share.py", bob, `analytics.${CUSTOMERS}`, "delta")).rejects.toThrow(/404/);
    const wrong = await profileOf("wrong", `onecopy_${"A".repeat(43)}`);
    await expect(python("read_share.py", wrong, `analytics.${CUSTOMERS}`, "parquet")).rejects.toThrow(/401/);
    const short = await profileOf("short", await served.token("alice", "recipient", 1));
    await expect(python("read_share.py", short, `analytics.${CUSTOMERS}`, "delta")).rejects.toThrow(/401/);
  });
});

test("a shallow clone, whose files lie with another table, is read through the share and the catalog", async () => {
  await served.share({ ...SHARES, copies: { tables: ["unified.copy"], recipients: ["carol"] } });
  await served.catalog.clone(CUSTOMERS, "unified.copy");
  const copy = await served.catalog.find("unified.copy");
  await copy!.delete(served.session, { where: "id = 4" });
  const expected = (await scanned()).filter(({ id }) => id !== "4");
  const carol = await served.token("carol");
  const path = await profileOf("carol", carol);
  for (const format of ["delta", "parquet"]) {
    const rows = await python("read_share.py", path, "copies.unified.copy", format);
    expect(nanAsNull(rows)).toEqual(nanAsNull(expected));
  }
  const rows = await python("read_catalog.py", `${served.server.url}/iceberg`, carol, "unified.copy");
  expect(rows).toEqual(expected);
});

describe("PyIceberg, through the catalog", () => {
  test("reads what the engine scans", async () => {
    const rows = await python("read_catalog.py", `${served.server.url}/iceberg`, token, CUSTOMERS);
    expect(rows).toHaveLength(505);
    expect(rows).toEqual(await scanned());
  });

  test("reads it in the share that it names as its warehouse", async () => {
    const uri = `${served.server.url}/iceberg`;
    expect(await python("read_catalog.py", uri, token, CUSTOMERS, "analytics")).toEqual(await scanned());
    await expect(python("read_catalog.py", uri, token, CUSTOMERS, "finance")).rejects.toThrow(/not listed/);
  });

  test("sees a commit at once", async () => {
    const table = await served.catalog.find("unified.orders");
    await table!.write(served.session, {
      mode: "append",
      query: "SELECT 1000 AS order_id, 'just now' AS note",
    });
    const rows = await python("read_catalog.py", `${served.server.url}/iceberg`, token, "unified.orders");
    expect(rows.map((row) => row["note"])).toContain("just now");
  });

  test("is refused what is not shared with it, and with a wrong token", async () => {
    const uri = `${served.server.url}/iceberg`;
    const bob = await served.token("bob");
    await expect(python("read_catalog.py", uri, bob, CUSTOMERS)).rejects.toThrow(/not listed/);
    const wrong = `onecopy_${"A".repeat(43)}`;
    await expect(python("read_catalog.py", uri, wrong, CUSTOMERS)).rejects.toThrow(/UnauthorizedError/);
  });
});

test("DuckDB, through the catalog, reads what the engine scans", async () => {
  const uri = `${served.server.url}/iceberg`;
  const rows = await python("read_catalog_duckdb.py", uri, token, CUSTOMERS, "analytics");
  expect(rows).toEqual(await scanned());
});

test("a commit of a foreign Delta writer is at once in the share and in the catalog", async () => {
  const table = await served.catalog.find("unified.orders");
  const { store, folder } = await table!.snapshot();
  await python("append_delta.py", store.locate(folder), "from delta-rs");
  const shared = await python("read_share.py", profile, "analytics.unified.orders", "delta");
  expect(shared.map((row) => row["note"])).toContain("from delta-rs");
  const read = () => python("read_catalog.py", `${served.server.url}/iceberg`, token, "unified.orders");
  expect((await read()).map((row) => row["note"])).toContain("from delta-rs");
  await table!.write(served.session, { mode: "append", query: "SELECT 78 AS order_id, 'ours' AS note" });
  expect((await read()).map((row) => row["note"])).toEqual(expect.arrayContaining(["from delta-rs", "ours"]));
});
