import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OpenApiDocument } from "../../src/bridge/index.ts";
import { icebergLocation } from "../../src/table/index.ts";
import { accessRecords } from "./access-records.ts";
import { type ServedProject, servedProject } from "./served-project.ts";

/*
 * Clients that mean harm: names that would be paths, bodies without end, guesses without end. What slow clients get is told
 * in src/server/listen.test.ts, forged file addresses in signed-files.test.ts.
 */

const CANARY = "canary-of-a-file-that-is-nobody's";
const SCHEMA = { type: "struct", fields: [{ id: 1, name: "c0", type: "long", required: false }] };

let web = "";
let served: ServedProject;
const errors: unknown[] = [];
const tokens: Record<string, string> = {};

beforeAll(async () => {
  web = await mkdtemp(join(tmpdir(), "onecopy-web-"));
  await mkdir(join(web, "app"));
  await writeFile(join(web, "app/index.html"), "<title>OneCopy</title>");
  await writeFile(join(web, "canary.txt"), CANARY);
  served = await servedProject({
    webFolder: join(web, "app"),
    configuration: "state: ./state\nrecipients:\n  engine: { writes: [lab] }\n",
    onError: (error) => errors.push(error),
  });
  await writeFile(join(served.folder, "canary.txt"), CANARY);
  await writeFile(join(fileURLToPath(served.project.lake.url), "canary.txt"), CANARY);
  for (const name of ["alice", "engine"]) tokens[name] = await served.token(name);
  tokens["owner"] = await served.token("owner", "admin");
  const made = await asked("POST", "/iceberg/v1/namespaces", tokens["owner"]!, { namespace: ["lab"] });
  expect(made.status).toBe(200);
});
afterAll(async () => {
  await served.close();
  await rm(web, { recursive: true });
});

interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Sends the path as it is: `fetch` would tidy it first. */
function asked(method: string, path: string, token: string, body?: unknown): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const headers = { host: "localhost", authorization: `Bearer ${token}` };
    const { port } = served.server;
    const sent = request({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      let text = "";
      response.on("data", (data: Buffer) => (text += data.toString()));
      response.on("end", () => resolve({ status: response.statusCode!, body: text }));
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Refused, in the words of the protocol, and without a word of what is none of the client's. */
function expectRefused(what: string, method: string, path: string, { status, body }: Answered): void {
  expect(body, what).not.toContain(CANARY);
  expect([what, status]).toEqual([what, expect.toSatisfy((one: number) => one >= 400 && one < 500)]);
  if (method === "HEAD") return;
  const text = expect.any(String) as string;
  const shape = path.startsWith("/delta-sharing")
    ? { errorCode: text, message: text }
    : path.startsWith("/iceberg")
      ? { error: { message: text, type: text, code: status } }
      : { code: text, message: text, remedy: text };
  expect([what, status, body.startsWith("{") ? JSON.parse(body) : body]).toEqual([what, status, shape]);
}

/** All files of a folder, but for the log of accesses. */
async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true });
  return all.filter((path) => !path.includes("_access")).sort();
}

describe("a name that would be a path", () => {
  const HOSTILE = [
    "..%2f..%2fcanary.txt",
    "%252e%252e%252fcanary.txt",
    "..%5c..%5ccanary.txt",
    "%c0%ae%c0%ae%c0%afcanary.txt",
    "%ef%bc%8e%ef%bc%8e%ef%bc%8fcanary.txt",
    "%2fetc%2fpasswd",
    "canary.txt%00",
    "%ff%fe",
    "a%0d%0aSet-Cookie:%20a=b",
    "x".repeat(9000),
  ];
  /** What no route gets: with dots the path is another one, and a backslash is refused before. */
  const ELSEWHERE = ["..", "%2e%2e", ".%2e", "..\\..\\canary.txt"];
  const GOOD: Record<string, string> = {
    share: "analytics",
    prefix: "analytics",
    schema: "unified",
    namespace: "unified",
    table: "customer_360",
    view: "v",
    name: "alice",
    id: "p1",
    answer: "a",
    file: "f.parquet",
    query: "q",
  };
  /** What any operation needs to be more than malformed. */
  const BODY = {
    name: "t",
    schema: SCHEMA,
    requirements: [],
    updates: [],
    "metadata-location": "x",
    "report-type": "scan-report",
    "table-name": "t",
    "snapshot-id": 1,
  };

  test("is refused by every operation, in the words of its protocol", { timeout: 600_000 }, async () => {
    const { paths } = JSON.parse(
      (await asked("GET", "/openapi.json", tokens["owner"]!)).body,
    ) as OpenApiDocument;
    const requests: (() => Promise<void>)[] = [];
    const owner = tokens["owner"]!;
    for (const [template, operations] of Object.entries(paths))
      for (const operation of Object.keys(operations))
        for (const [placeholder, parameter] of template.matchAll(/\{(\w+)\}/g))
          for (const part of [...HOSTILE, ...ELSEWHERE]) {
            const method = operation.toUpperCase();
            const path = template
              .replace(placeholder, () => part)
              .replaceAll(/\{(\w+)\}/g, (_, name: string) => GOOD[name]!);
            const what = `${method} ${template}, ${parameter}: ${part.slice(0, 50)}`;
            requests.push(async () => {
              const answered = await asked(method, path, owner, method === "POST" ? BODY : undefined);
              if (ELSEWHERE.includes(part)) {
                expect(answered.body, what).not.toContain(CANARY);
                expect([what, answered.status < 500]).toEqual([what, true]);
              } else expectRefused(what, method, path, answered);
            });
          }
    const lake = fileURLToPath(served.project.lake.url);
    const before = await filesIn(lake);
    await inTurn(requests);
    expect(requests.length).toBeGreaterThan(1000);
    expect(await filesIn(lake)).toEqual(before);
  });

  test("leads the web app to no file but its own", async () => {
    const paths = [
      ...HOSTILE,
      ...ELSEWHERE.map((dots) => `${dots}/canary.txt`),
      "../canary.txt",
      "/canary.txt",
    ];
    for (const path of paths) {
      const { status, body } = await asked("GET", `/${path}`, tokens["owner"]!);
      expect([path, [400, 404].includes(status), body.includes(CANARY)]).toEqual([path, true, false]);
    }
  });

  test("makes nothing in the lake, or beside it, when it comes in a body", async () => {
    const lake = fileURLToPath(served.project.lake.url);
    const root = icebergLocation(served.project.lake, "x").slice(0, -1);
    const location = (path: string) => `${root}${path}`;
    const names = [
      "../../x",
      "..\\x",
      "/etc/x",
      "a/b",
      "%2e%2e%2fx",
      "．．／x",
      "x\0",
      "",
      ".",
      "..",
      "x".repeat(9000),
    ];
    const locations = [
      location("canary.txt"),
      location("unified/../canary.txt"),
      location("lab/t/_iceberg/../../../../canary.txt"),
      location("_views/../canary.txt"),
      location("_views/%2e%2e/canary.txt"),
      "file:///etc/passwd",
      "/etc/passwd",
      "../canary.txt",
      "https://example.com/x.metadata.json",
    ];
    const representations = [{ type: "sql", sql: "SELECT 1", dialect: "spark" }];
    const version = { "version-id": 1, "schema-id": 0, "timestamp-ms": 1, representations };
    const view = { schema: SCHEMA, "view-version": { ...version, "default-namespace": ["lab"] } };
    const create = { requirements: [{ type: "assert-create" }], updates: [] };
    const catalog = "/iceberg/v1";
    const lab = `${catalog}/namespaces/lab`;
    const requests = [
      ...[...names, "Upper"].flatMap((name): [string, object][] => [
        [`${catalog}/namespaces`, { namespace: [name] }],
        [`${catalog}/namespaces`, { namespace: ["lab", name] }],
        [`${lab}/tables`, { name, schema: SCHEMA }],
        [`${lab}/tables`, { name, schema: SCHEMA, "stage-create": true }],
        [
          `${catalog}/transactions/commit`,
          { "table-changes": [{ identifier: { namespace: ["lab"], name }, ...create }] },
        ],
        [`${catalog}/views/rename`, rename(name)],
        [`${catalog}/tables/rename`, rename(name)],
      ]),
      ...names.map((name): [string, object] => [`${lab}/views`, { ...view, name }]),
      ...locations.flatMap((place): [string, object][] => [
        [`${lab}/register`, { name: "r", "metadata-location": place }],
        [`${lab}/register-view`, { name: "r", "metadata-location": place }],
        [`${lab}/views`, { ...view, name: "r", properties: { "write.metadata.path": place } }],
      ]),
    ];
    const make: [string, object][] = [
      [`${lab}/tables`, { name: "old", schema: SCHEMA }],
      [`${lab}/views`, { ...view, name: "old_view" }],
    ];
    for (const [path, body] of make)
      expect((await asked("POST", path, tokens["owner"]!, body)).status).toBe(200);
    const before = [await filesIn(lake), await filesIn(served.folder)];
    for (const who of ["owner", "engine"])
      await inTurn(
        requests.map(([path, body]) => async () => {
          const what = `${who} ${path} ${JSON.stringify(body).slice(0, 200)}`;
          expectRefused(what, "POST", path, await asked("POST", path, tokens[who]!, body));
        }),
      );
    expect([await filesIn(lake), await filesIn(served.folder)]).toEqual(before);
  });

  function rename(name: string): object {
    return { source: { namespace: ["lab"], name: "old" }, destination: { namespace: ["lab"], name } };
  }
});

/** Some at a time: their records go to the log together. */
async function inTurn(requests: readonly (() => Promise<void>)[]): Promise<void> {
  for (let i = 0; i < requests.length; i += 50)
    await Promise.all(requests.slice(i, i + 50).map((one) => one()));
}

describe("a body without end", () => {
  const QUERY = "/delta-sharing/shares/analytics/schemas/unified/tables/customer_360/query";
  /** What the two systems' buffers hold, beside the limit. */
  const BUFFERS = 24 * 2 ** 20;

  /** Sends until the server has had enough: what it said, and how much it took. */
  async function endless(path: string, token: string): Promise<{ said: string; taken: number }> {
    const socket = connect(served.server.port, "127.0.0.1");
    let said = "";
    socket.on("data", (data: Buffer) => (said += data.toString()));
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = Buffer.from(`10000\r\n${" ".repeat(2 ** 16)}\r\n`);
    const send = (): void => {
      while (!socket.closed && socket.write(chunk));
    };
    socket.on("drain", send);
    send();
    await closed;
    return { said, taken: socket.bytesWritten };
  }

  test.each([
    ["Delta Sharing's limit", QUERY, "alice", 413, 2 ** 20],
    ["Iceberg's limit", "/iceberg/v1/namespaces", "owner", 413, 2 ** 24],
    ["a token's limit", "/iceberg/v1/oauth/tokens", "nobody", 413, 4000],
    // Where none is read, it is thrown away as it comes, and the connection is closed half a second later.
    ["of nobody's", QUERY, "nobody", 401, Infinity],
    ["of nobody's, elsewhere", "/iceberg/v1/namespaces", "nobody", 401, Infinity],
    ["where none is read", "/api/overview", "owner", 404, Infinity],
  ])("is not taken for long: %s", async (_what, path, who, status, limit) => {
    const { said, taken } = await endless(path, tokens[who] ?? "wrong");
    expect(said.slice(0, 12)).toBe(`HTTP/1.1 ${status}`);
    expect(taken).toBeLessThan(limit + BUFFERS);
    expect((await asked("GET", "/delta-sharing/shares", tokens["alice"]!)).status).toBe(200);
  });

  test("is not waited for when its length is told", async () => {
    for (const path of [QUERY, "/iceberg/v1/namespaces"]) {
      const socket = connect(served.server.port, "127.0.0.1");
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${tokens["owner"]}\r\nContent-Length: 99999999999\r\n\r\n`,
      );
      const [said] = (await once(socket, "data")) as [Buffer];
      expect(said.toString()).toMatch(/^HTTP\/1\.1 413 /);
      socket.destroy();
    }
  });
});

test("ten thousand wrong tokens are soon not listened to, are not kept, and keep out nobody with a good one", async () => {
  const records = async () => (await accessRecords(served.project.lake)).length;
  const state = fileURLToPath(served.project.state.url);
  const before = { files: await filesIn(state), records: await records(), errors: errors.length };
  expect((await asked("GET", "/delta-sharing/shares", tokens["alice"]!)).status).toBe(200);
  const paths = ["/delta-sharing/shares", "/iceberg/v1/config", "/api/overview"];
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async (_, client) => {
      const socket = connect(served.server.port, "127.0.0.1");
      let said = "";
      socket.on("data", (data: Buffer) => (said += data.toString()));
      const closed = new Promise((resolve) => socket.once("close", resolve));
      for (let i = 0; i < 500; i++) {
        const token = `onecopy_${String(client * 500 + i).padStart(43, "x")}`;
        const last = i === 499 ? "Connection: close\r\n" : "";
        socket.write(
          `GET ${paths[i % 3]} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n${last}\r\n`,
        );
      }
      expect((await asked("GET", "/delta-sharing/shares", tokens["alice"]!)).status).toBe(200);
      await closed;
      return [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
    }),
  );
  const all = statuses.flat();
  const looked = all.filter((status) => status === "401").length;
  expect([all.length, all.filter((status) => status === "429").length]).toEqual([10_000, 10_000 - looked]);
  // Sixty a minute: what this takes is not minutes.
  expect(looked).toBeLessThan(600);
  expect(await filesIn(state)).toEqual(before.files);
  // Those that were looked up, and those of the good one.
  expect((await records()) - before.records).toBeLessThanOrEqual(looked + 21);
  expect(errors.length).toBe(before.errors);
});
