import { utimes, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { makeActivationLink, revokeTokens } from "../../src/access/index.ts";
import { systemClock } from "../../src/base/index.ts";
import { runProject } from "../../src/run/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { scan } from "../../src/table/index.ts";
import { accessRecords } from "./access-records.ts";
import { SHARES, type ServedProject, servedProject } from "./served-project.ts";
import { linesOf } from "./sharing-lines.ts";

const QUERY = "/delta-sharing/shares/analytics/schemas/unified/tables/customer_360/query";
const CONFIGURATION = `
proxies: [127.0.0.1]
recipients:
  office: { addresses: [10.1.0.0/16, "2001:db8::/32"] }
  busy: { requests_per_minute: 5 }
  engine: { writes: [lab] }
`;

let served: ServedProject;

beforeAll(async () => {
  served = await servedProject({ configuration: CONFIGURATION });
  await served.share({
    analytics: { ...SHARES["analytics"]!, recipients: ["alice", "office", "busy", "bob"] },
  });
});
afterAll(() => served.close());

/** As the proxy sends it on for a client at `address`. */
function from(address: string): RequestInit {
  return { headers: { "X-Forwarded-For": address } };
}

const logged = () => accessRecords(served.project.lake);

async function filesOfLog(): Promise<string[]> {
  const { lake } = served.project;
  const paths: string[] = [];
  for await (const { key } of lake.list("_access/")) paths.push(lake.locate(key));
  return paths;
}

describe("the log of accesses", () => {
  test("tells of every answer: who, what, from where, and what was sent; and `run` makes a table of it, once", async () => {
    const alice = await served.token("alice");
    const answer = await served.get(QUERY, alice, { method: "POST", body: "{}", ...from("192.0.2.1") });
    const url = (await linesOf(answer))[2]!.file.url;
    expect((await fetch(url, { headers: { Range: "bytes=0-9" } })).status).toBe(206);
    await served.get(QUERY.replace("customer_360", "nothing"), alice, { method: "POST", body: "{}" });
    await served.get("/iceberg/v1/namespaces/unified/tables/orders", alice);
    await served.get(QUERY, `onecopy_${"x".repeat(43)}`, { method: "POST" });

    await expect
      .poll(async () => (await logged()).filter(({ decision }) => /granted|sent/.test(decision)))
      .toMatchObject([
        {
          decision: "granted",
          table_name: "unified.customer_360",
          version: 3,
          files: 2,
          address: "192.0.2.1",
          principal: "alice",
        },
        { decision: "sent", table_name: "unified.customer_360", files: 1, bytes: 10, principal: "alice" },
      ]);
    const records = await logged();
    expect(records.filter(({ decision }) => !/granted|sent/.test(decision))).toMatchObject([
      {
        principal: "alice",
        token: expect.stringMatching(/^[0-9a-f]{12}$/),
        protocol: "delta-sharing",
        operation: "POST /delta-sharing/shares/:share/schemas/:schema/tables/:table/query",
        share_name: "analytics",
        table_name: "unified.customer_360",
        version: 3,
        decision: "allowed",
        status: 200,
      },
      {
        principal: "alice",
        operation: "GET /delta-sharing/files/:answer/:file",
        decision: "allowed",
        status: 206,
      },
      { table_name: "unified.nothing", decision: "denied", status: 404 },
      { protocol: "iceberg", table_name: "unified.orders", version: 1, decision: "allowed" },
      { principal: null, token: null, decision: "denied", status: 401 },
    ]);
    expect(JSON.stringify(records)).not.toContain(alice.slice(8));

    // A lake of before `ends_at` was told.
    const older = schemaOf([
      { name: "answered_at", type: "TIMESTAMP WITH TIME ZONE" },
      { name: "principal", type: "VARCHAR" },
    ]);
    await served.catalog.create("_system.access", { schema: older });
    await Promise.all([runProject(served.project), runProject(served.project)]);
    const again = await runProject(served.project);
    expect(again.failed).toBe(false);
    const table = (await served.catalog.find("_system.access"))!;
    const [row] = await served.session.rows(
      `SELECT count(*) AS n, count(DISTINCT answered_at) > 1 AS moments FROM ${await scan(served.session, await table.snapshot())}`,
    );
    expect(row).toEqual({ n: records.length, moments: true });

    // The server writes on; what one long gone has left goes, but for a line that it died in the middle of.
    const files = await filesOfLog();
    const left = served.project.lake.locate("_access/left.ndjson");
    const line = JSON.stringify({ ...records[0]!, principal: "carol" });
    await writeFile(left, `${line}\n${line}\n${line.slice(0, 50)}\n\n\n`);
    const longAgo = Date.now() / 1000 - 86_400;
    await utimes(left, longAgo, longAgo);
    await runProject(served.project);
    await runProject(served.project);
    expect(await filesOfLog()).toEqual(files);
    expect(
      await served.session.rows(
        `SELECT count(*) AS n FROM ${await scan(served.session, await table.snapshot())} WHERE principal = 'carol'`,
      ),
    ).toEqual([{ n: 2 }]);
  });

  test("covers many answers with few objects", async () => {
    const alice = await served.token("alice");
    const before = (await logged()).length;
    await Promise.all(
      Array.from({ length: 100 }, () => served.get("/iceberg/v1/namespaces/unified/tables/orders", alice)),
    );
    expect((await logged()).length - before).toBe(100);
    expect((await filesOfLog()).length).toBeLessThan(10);
  });
});

describe("a recipient", () => {
  test("is let in from its addresses alone, whatever it says of itself", async () => {
    const office = await served.token("office");
    const ask = async (address: string) =>
      (await served.get("/delta-sharing/shares", office, from(address))).status;
    expect(await ask("10.1.2.3")).toBe(200);
    expect(await ask("8.8.8.8, 10.1.2.3")).toBe(200);
    expect(await ask("2001:db8::7")).toBe(200);
    expect(await ask("::ffff:10.1.2.3")).toBe(200);
    for (const address of ["10.2.0.1", "10.1.2.3, 8.8.8.8", "", "10.1.2.3, x", "127.0.0.1"])
      expect([address, await ask(address)]).toEqual([address, 403]);
    const answer = await served.get(QUERY, office, { method: "POST", body: "{}", ...from("10.1.2.3") });
    const url = (await linesOf(answer))[2]!.file.url;
    expect((await fetch(url, from("10.1.9.9"))).status).toBe(200);
    expect((await fetch(url, from("10.2.9.9"))).status).toBe(403);
    const catalog = await served.get("/iceberg/v1/config", office, from("10.2.0.1"));
    expect([catalog.status, await catalog.json()]).toEqual([
      403,
      { error: { type: "ForbiddenException", code: 403, message: expect.stringContaining("address") } },
    ]);
  });

  test("is asked to wait when it asks too much, and others are not", async () => {
    const [busy, alice] = [await served.token("busy"), await served.token("alice")];
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => served.get("/delta-sharing/shares", busy)),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ errorCode: "RESOURCE_EXHAUSTED" });
    expect((await served.get("/delta-sharing/shares", alice)).status).toBe(200);
  });

  test("gets nothing new once another process has ended its tokens", async () => {
    const bob = await served.token("bob");
    expect((await served.get("/delta-sharing/shares", bob)).status).toBe(200);
    await revokeTokens(served.project.state, "bob");
    expect((await served.get("/delta-sharing/shares", bob)).status).toBe(401);
  });

  test("is not kept out by who guesses from the same address", async () => {
    const alice = await served.token("alice");
    await served.get("/delta-sharing/shares", alice, from("198.51.100.9"));
    const head = vi.spyOn(served.project.state, "head");
    const guesses = await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        served.get("/delta-sharing/shares", `onecopy_${String(i).padStart(43, "A")}`, from("198.51.100.9")),
      ),
    );
    const looked = head.mock.calls.filter(([key]) => key.startsWith("tokens/")).length;
    head.mockRestore();
    const statuses = guesses.map(({ status }) => status);
    expect(statuses.every((status) => status === 401 || status === 429)).toBe(true);
    expect(looked).toBeLessThan(200);
    expect(statuses.filter((status) => status === 401)).toHaveLength(looked);
    expect((await served.get("/delta-sharing/shares", alice, from("198.51.100.9"))).status).toBe(200);
  });
});

describe("a recipient that may write a namespace", () => {
  const post = (path: string, token: string, body: unknown) =>
    served.get(`/iceberg/v1${path}`, token, { method: "POST", body: JSON.stringify(body) });
  const schema = { type: "struct", fields: [{ id: 1, name: "id", type: "long", required: false }] };

  test("writes and reads there, and nowhere else", async () => {
    const [engine, alice] = [await served.token("engine"), await served.token("alice")];
    expect((await post("/namespaces", alice, { namespace: ["lab"] })).status).toBe(403);
    expect((await post("/namespaces", engine, { namespace: ["other"] })).status).toBe(403);
    expect((await post("/namespaces", engine, { namespace: ["lab"] })).status).toBe(200);
    expect((await post("/namespaces/lab/tables", engine, { name: "t", schema })).status).toBe(200);
    expect((await served.get("/iceberg/v1/namespaces/lab/tables/t", engine)).status).toBe(200);
    expect(await (await served.get("/iceberg/v1/namespaces", engine)).json()).toEqual({
      namespaces: [["lab"]],
    });

    const commit = { requirements: [], updates: [{ action: "set-properties", updates: { a: "b" } }] };
    expect((await post("/namespaces/lab/tables/t", engine, commit)).status).toBe(200);
    const orders = { namespace: ["unified"], name: "orders" };
    const inLab = { namespace: ["lab"], name: "t" };
    for (const [path, body] of [
      ["/namespaces/unified/tables/orders", commit],
      ["/namespaces/unified/tables", { name: "mine", schema }],
      ["/tables/rename", { source: orders, destination: { namespace: ["lab"], name: "orders" } }],
      ["/tables/rename", { source: inLab, destination: { namespace: ["unified"], name: "t" } }],
      ["/transactions/commit", { "table-changes": [{ identifier: orders, ...commit }] }],
      ["/namespaces/unified/properties", { updates: { a: "b" } }],
      ["/namespaces/lab/register", { name: "x", "metadata-location": "file:///x" }],
      ["/analytics/namespaces/lab/tables", { name: "u", schema }],
    ] as const)
      expect([path, (await post(path, engine, body)).status]).toEqual([path, 403]);
    expect((await served.get("/iceberg/v1/namespaces/unified/tables/orders", engine)).status).toBe(404);
    expect((await served.get("/iceberg/v1/namespaces/lab/tables/t", alice)).status).toBe(404);
    const drop = await served.get("/iceberg/v1/namespaces/unified/tables/orders", engine, {
      method: "DELETE",
    });
    expect(drop.status).toBe(403);
  });
});

describe("client credentials", () => {
  const ask = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    served.get(path, undefined, { method: "POST", body: new URLSearchParams(form), headers });
  const grant = { grant_type: "client_credentials" };

  test.each(["/delta-sharing/oauth/token", "/iceberg/v1/oauth/tokens"])(
    "give a token at %s",
    async (path) => {
      const secret = await served.token("alice");
      const basic = (id: string) => ({
        Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
      });
      for (const answer of [
        await ask(path, { ...grant, client_id: "alice", client_secret: secret }),
        await ask(path, grant, basic("alice")),
      ]) {
        const given = (await answer.json()) as { access_token: string; expires_in: number };
        const token = given.access_token;
        expect(token).not.toBe(secret);
        expect(given.expires_in).toBeGreaterThan(3400);
        expect(given.expires_in).toBeLessThanOrEqual(3600);
        expect((await served.get("/delta-sharing/shares", token)).status).toBe(200);
        expect((await served.get("/iceberg/v1/namespaces/unified/tables/orders", token)).status).toBe(200);
        expect((await ask(path, { ...grant, client_secret: token })).status).toBe(401);
      }
      expect((await ask(path, grant, basic("bob"))).status).toBe(401);
      expect((await ask(path, { ...grant, client_id: "alice", client_secret: "wrong" })).status).toBe(401);
      expect((await ask(path, { grant_type: "password" })).status).toBe(400);
    },
  );

  test("and what they gave ends with the secret", async () => {
    const secret = await served.token("bob");
    const answer = await ask("/delta-sharing/oauth/token", { ...grant, client_secret: secret });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    expect((await served.get("/delta-sharing/shares", token)).status).toBe(200);
    await revokeTokens(served.project.state, "bob");
    expect((await served.get("/delta-sharing/shares", token)).status).toBe(401);
  });
});

describe("an activation link", () => {
  const link = (recipient: string, oauth = false) =>
    makeActivationLink(
      served.project.state,
      { recipient, oauth, expiresAt: new Date(Date.now() + 60_000) },
      systemClock,
    );
  const open = (secret: string, init: RequestInit = {}) =>
    served.get("/delta-sharing/activation", secret, { method: "POST", ...init });

  test("gives the profile file once, and is told of in the log without its secret", async () => {
    const secret = await link("alice");
    for (const method of ["GET", "HEAD", "OPTIONS"])
      expect((await open(secret, { method })).status).not.toBe(200);
    const answer = await open(secret);
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="alice.share"');
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const file = (await answer.json()) as { endpoint: string; bearerToken: string };
    expect(file.endpoint).toBe(`${served.server.url}/delta-sharing/`);
    expect((await served.get("/delta-sharing/shares", file.bearerToken)).status).toBe(200);
    const again = await open(secret);
    expect([again.status, await again.json()]).toMatchObject([
      410,
      { message: expect.stringContaining("opened already") },
    ]);
    const records = (await logged()).filter(({ operation }) => operation.endsWith("/activation"));
    expect(records.filter(({ operation }) => operation.startsWith("POST"))).toMatchObject([
      { principal: "alice", decision: "allowed", status: 200 },
      { principal: "alice", decision: "denied", status: 410 },
    ]);
    expect(JSON.stringify(records)).not.toContain(secret.slice("onecopy_activation_".length));
  });

  test("gives one of version 2, whose client the server lets in", async () => {
    const file = (await (await open(await link("alice", true))).json()) as Record<string, string>;
    const answer = await fetch(file["tokenEndpoint"]!, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "client_credentials" }),
      headers: {
        Authorization: `Basic ${Buffer.from(`${file["clientId"]}:${file["clientSecret"]}`).toString("base64")}`,
      },
    });
    expect(answer.status).toBe(200);
  });

  test("gives nothing to whom nothing is shared with, from elsewhere, or without its secret", async () => {
    expect((await open(await link("nobody"))).status).toBe(403);
    const office = await link("office");
    expect((await open(office, from("10.2.0.1"))).status).toBe(403);
    expect((await open(office, from("10.1.2.3"))).status).toBe(200);
    expect((await open(`onecopy_activation_${"x".repeat(43)}`)).status).toBe(401);
    expect((await open(await served.token("alice"))).status).toBe(401);
  });
});

test("no parameter names a path: what leads out of its place is not there, and nothing of the machine is told", async () => {
  const alice = await served.token("alice");
  const out = [
    "..",
    "%2e%2e",
    "..%2f..%2f_onecopy",
    "..%5c..",
    "%00",
    "_onecopy",
    "%2fetc%2fpasswd",
    "x".repeat(3000),
  ];
  const places = [
    (v: string) => `/delta-sharing/shares/${v}`,
    (v: string) => `/delta-sharing/shares/${v}/schemas`,
    (v: string) => `/delta-sharing/shares/analytics/schemas/${v}/tables`,
    (v: string) => `/delta-sharing/shares/analytics/schemas/${v}/tables/orders/metadata`,
    (v: string) => `/delta-sharing/shares/analytics/schemas/unified/tables/${v}/metadata`,
    (v: string) => `/delta-sharing/files/${v}/x.parquet?X-Amz-Signature=${"0".repeat(64)}`,
    (v: string) => `/iceberg/v1/namespaces/${v}/tables/orders`,
    (v: string) => `/iceberg/v1/namespaces/unified/tables/${v}`,
    (v: string) => `/iceberg/v1/${v}/namespaces/unified/tables/orders`,
    (v: string) => `/iceberg/v1/config?warehouse=${v}`,
    (v: string) => `/iceberg/v1/namespaces/unified/views/${v}`,
  ];
  for (const place of places)
    for (const value of out) {
      const answer = await served.get(place(value), alice);
      const text = await answer.text();
      expect([place(value), answer.status, [200, 400, 401, 403, 404].includes(answer.status)]).toContain(
        true,
      );
      if (answer.status === 200) expect(text).not.toMatch(/root:|tokens\//);
      expect(text).not.toContain(served.folder);
    }
}, 60_000);

test("what can't be logged is not answered, and is again once it can", async () => {
  const alice = await served.token("alice");
  const append = vi.spyOn(served.project.lake, "append").mockRejectedValue(new Error("no space"));
  const sharing = await served.get(QUERY, alice, { method: "POST", body: "{}" });
  expect([sharing.status, await sharing.json()]).toMatchObject([
    503,
    { errorCode: "TEMPORARILY_UNAVAILABLE" },
  ]);
  const catalog = await served.get("/iceberg/v1/namespaces/unified/tables/orders", alice);
  expect([catalog.status, await catalog.json()]).toMatchObject([503, { error: { code: 503 } }]);
  append.mockRestore();
  expect((await served.get(QUERY, alice, { method: "POST", body: "{}" })).status).toBe(200);
});
