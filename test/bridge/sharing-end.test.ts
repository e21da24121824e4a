import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SHARES, type ServedProject, servedProject } from "./served-project.ts";

/* What closes an answer, tokens for new URLs, and what a client may ask for beside the table (PROTOCOL.md). */

const END = { "delta-sharing-capabilities": "responseformat=delta;includeEndStreamAction=true" };

let served: ServedProject;
let alice: string;
let nowMs: () => number = () => Date.now();
const wrong: unknown[] = [];

beforeAll(async () => {
  served = await servedProject({
    clock: { now: () => new Date(nowMs()) },
    onError: (error) => wrong.push(error),
  });
  alice = await served.token("alice");
});
afterAll(() => served.close());

function ask(
  rest: string,
  {
    body,
    headers,
    token = alice,
    table = "orders",
  }: { body?: object; headers?: object; token?: string; table?: string } = {},
): Promise<Response> {
  return served.get(`/delta-sharing/shares/analytics/schemas/unified/tables/${table}/${rest}`, token, {
    method: body === undefined ? "GET" : "POST",
    headers: { ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

interface End {
  readonly refreshToken?: string;
  readonly minUrlExpirationTimestamp?: number;
  readonly errorMessage?: string;
}

async function told(response: Response): Promise<{ lines: string[]; end: End | undefined }> {
  expect(response.status).toBe(200);
  const lines = (await response.text()).trimEnd().split("\n");
  const { endStreamAction } = JSON.parse(lines.at(-1)!) as { endStreamAction?: End };
  return { lines, end: endStreamAction };
}

async function refused(response: Response): Promise<[number, string]> {
  const { errorCode, message } = (await response.json()) as { errorCode: string; message: string };
  expect(message.length).toBeGreaterThan(20);
  return [response.status, errorCode];
}

describe("the last line of an answer", () => {
  test("is there for clients that know it: until when the URLs are good", async () => {
    for (const response of [
      await ask("query", { body: {}, headers: END }),
      await ask("changes?startingVersion=0", { headers: END }),
      await ask("query", { body: { startingVersion: 0 }, headers: END }),
    ]) {
      expect(response.headers.get("delta-sharing-capabilities")).toBe(
        "responseformat=delta;includeendstreamaction=true",
      );
      const { lines, end } = await told(response);
      const { file } = JSON.parse(lines[2]!) as { file: { expirationTimestamp: number } };
      expect(end).toEqual({ minUrlExpirationTimestamp: file.expirationTimestamp });
    }
    const empty = await told(await ask("query", { body: { limitHint: 0 }, headers: END }));
    expect(empty.end).toEqual({});
    const without = await ask("query", { body: {} });
    expect(without.headers.get("delta-sharing-capabilities")).toBe("responseformat=parquet");
    expect((await told(without)).end).toBeUndefined();
  });

  test("says what went wrong when the answer had begun; without it, the connection breaks off", async () => {
    const table = (await served.catalog.find("unified.customer_360"))!;
    const log = `${table.folder}/_delta_log/${"0".repeat(19)}2.json`;
    const found = await served.project.lake.get(log);
    const body = found.kind === "found" ? found.body : new Uint8Array();
    // A log that changes under a reader's hands: the versions are there, one of them cannot be read any more.
    await served.project.lake.put(log, Buffer.concat([body, Buffer.from('{"cdc":{"path":7}}\n')]));
    const path = "changes?startingVersion=2&endingVersion=3";
    const { end } = await told(await ask(path, { headers: END, table: "customer_360" }));
    expect(end).toEqual({ errorMessage: "Something went wrong in the server." });
    expect(wrong.pop()).toMatchObject({ code: "table.changes_gone" });
    const quiet = vi.spyOn(console, "error").mockReturnValue();
    const broken = await ask(path, { table: "customer_360" });
    await expect(broken.text()).rejects.toThrow("terminated");
    quiet.mockRestore();
    await served.project.lake.put(log, body);
  });
});

describe("a refresh token", () => {
  const first = async (): Promise<{ token: string; urls: string[] }> => {
    const { lines, end } = await told(await ask("query", { body: { includeRefreshToken: true } }));
    return { token: end!.refreshToken!, urls: urlsIn(lines) };
  };
  const urlsIn = (lines: readonly string[]): string[] =>
    lines.flatMap((line) => (JSON.parse(line) as { file?: { url: string } }).file?.url ?? []);

  test("gives the same files new URLs, although the table went on", async () => {
    const { token, urls } = await first();
    const table = await served.catalog.find("unified.orders");
    await table!.write(served.session, { mode: "append", query: "SELECT 11 AS order_id, 'later' AS note" });
    nowMs = () => Date.now() + 30 * 60 * 1000;
    expect((await fetch(urls[0]!)).status).toBe(403);
    const again = await ask("query", { body: { refreshToken: token, includeRefreshToken: true } });
    expect(again.headers.get("delta-table-version")).toBe("1");
    const { lines, end } = await told(again);
    expect(urlsIn(lines)).toHaveLength(urls.length);
    expect((await fetch(urlsIn(lines)[0]!)).status).toBe(200);
    expect(end!.refreshToken).toMatch(/^[\w-]+\.[\w-]{43}$/);
    nowMs = () => Date.now();
    expect((await ask("query", { body: {} })).headers.get("delta-table-version")).toBe("2");
  });

  test("is no use to anybody else, elsewhere, later, or when it was changed", async () => {
    const { token } = await first();
    const use = async (refreshToken: string, options = {}) =>
      await refused(await ask("query", { body: { refreshToken }, ...options }));
    const bad = [400, "INVALID_PARAMETER_VALUE"];
    expect(await use(token, { table: "customer_360" })).toEqual(bad);
    expect(await use(token, { token: await served.token("owner", "admin") })).toEqual(bad);
    expect(await use(`${token}x`)).toEqual(bad);
    expect(await use(token.replace(/^./, (letter) => (letter === "e" ? "f" : "e")))).toEqual(bad);
    expect(await use("")).toEqual(bad);
    nowMs = () => Date.now() + 60 * 60 * 1000 + 1000;
    const later = await served.token("alice", "recipient", 3 * 60 * 60 * 1000);
    expect(await use(token, { token: later })).toEqual(bad);
    nowMs = () => Date.now();
    for (const of of [{ version: 1 }, { timestamp: "2100-01-01T00:00:00Z" }, { startingVersion: 0 }]) {
      expect(await refused(await ask("query", { body: { refreshToken: token, ...of } }))).toEqual(bad);
      expect(await refused(await ask("query", { body: { includeRefreshToken: true, ...of } }))).toEqual(bad);
    }
  });

  test("opens nothing when the share was taken away", async () => {
    const { token } = await first();
    await served.share({ analytics: { tables: ["unified.customer_360"], recipients: ["alice"] } });
    const status = async () => (await ask("query", { body: { refreshToken: token } })).status;
    await expect.poll(status, { timeout: 3000 }).toBe(404);
    await served.share(SHARES);
    await expect.poll(status, { timeout: 3000 }).toBe(200);
  });
});

describe("beside the table", () => {
  test.each(["parquet", "Delta"])("file ids by the scheme %s, which is said back", async (scheme) => {
    for (const response of [
      await ask("query", { body: {}, headers: { fileidhash: scheme } }),
      await ask("changes?startingVersion=0", { headers: { fileidhash: scheme } }),
    ]) {
      expect(response.status).toBe(200);
      expect(response.headers.get("fileidhash")).toBe(scheme.toLowerCase());
    }
  });

  test("another scheme is refused", async () => {
    const response = await ask("query", { body: {}, headers: { fileidhash: "md5" } });
    expect(await refused(response)).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  });

  test("a query that is asked for later is answered at once", async () => {
    const headers = { "delta-sharing-capabilities": "asyncquery=true" };
    const response = await ask("query", { body: { idempotencyKey: "k" }, headers });
    expect(response.headers.get("delta-sharing-capabilities")).not.toContain("asyncquery");
    expect((await told(response)).lines[0]).toContain("protocol");
    expect(await refused(await ask("queries/1", { body: {} }))).toEqual([400, "UNSUPPORTED_OPERATION"]);
  });

  test("credentials for the storage are not given out", async () => {
    const response = await ask("temporary-table-credentials", { body: {} });
    expect(await refused(response)).toEqual([400, "UNSUPPORTED_OPERATION"]);
  });
});
