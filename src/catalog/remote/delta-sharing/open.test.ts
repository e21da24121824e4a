import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Engine, type Session, openEngine } from "../../../engine/index.ts";
import { schemaOf } from "../../../schema/index.ts";
import { openStore } from "../../../storage/index.ts";
import { type Snapshot, Table, scan } from "../../../table/index.ts";
import { openSharedTable, sharedChanges, sharedVersion } from "./open.ts";
import { type ShareServer, shareServer } from "./share-server-for-test.ts";

let folder: string;
let engine: Engine;
let session: Session;
let server: ShareServer;
const sizes: Record<string, number> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-sharing-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 1 });
  session = await engine.session();
  for (const [name, from] of [
    ["one", 0],
    ["two", 3],
  ] as const) {
    const path = join(folder, `${name}.parquet`);
    await session.run(
      `COPY (SELECT i::BIGINT AS id, 'x' || i AS name FROM range(${from}, ${from + 3}) r(i)) TO '${path}'`,
    );
    sizes[name] = (await stat(path)).size;
  }
});
afterAll(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  server = await shareServer();
  for (const name of ["one", "two"]) server.files.set(name, { path: join(folder, `${name}.parquet`) });
  server.answers.set("GET /metadata", () => ({ lines: head }));
  return () => server.close();
});

const schemaString = JSON.stringify({
  type: "struct",
  fields: [
    { name: "id", type: "long", nullable: true, metadata: {} },
    { name: "name", type: "string", nullable: true, metadata: {} },
    { name: "day", type: "date", nullable: true, metadata: {} },
  ],
});
/** As a server without the capabilities header answers (PROTOCOL.md, "API Response Format in Parquet"). */
const head = [
  { protocol: { minReaderVersion: 1 } },
  { metaData: { id: "t-1", format: { provider: "parquet" }, schemaString, partitionColumns: ["day"] } },
];
const deltaHead = [
  {
    protocol: {
      deltaProtocol: {
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ["deletionVectors"],
        writerFeatures: ["deletionVectors"],
      },
    },
  },
  {
    metaData: {
      size: 1,
      deltaMetadata: { id: "t-1", format: { provider: "parquet" }, schemaString, partitionColumns: ["day"] },
    },
  },
];
const file = (name: string, more: object = {}): object => ({
  file: {
    url: `${server.url}/file/${name}`,
    id: name,
    partitionValues: { day: "2024-05-06" },
    size: sizes[name],
    ...more,
  },
});
const deltaFile = (name: string, more: object, outer: object = {}): object => ({
  file: {
    id: name,
    ...outer,
    deltaSingleAction: {
      add: {
        path: `${server.url}/file/${name}`,
        partitionValues: { day: null },
        size: sizes[name],
        modificationTime: 5,
        dataChange: true,
        ...more,
      },
    },
  },
});

let profiles = 0;
async function place(more: object = {}, token = "good"): Promise<{ profile: string; table: string }> {
  const name = `p${profiles++}.share`;
  const profile = { shareCredentialsVersion: 1, endpoint: server.url, bearerToken: token, ...more };
  await writeFile(join(folder, name), JSON.stringify(profile));
  return { profile: `file:${name}`, table: "retail.crm.customers" };
}

const rows = async (snapshot: Snapshot) =>
  await session.rows(`SELECT * FROM ${await scan(session, snapshot)} ORDER BY id`);
const ids = async (snapshot: Snapshot) => (await rows(snapshot)).map(({ id }) => id);

test("a table in the parquet format, in pages, with the values of its partition", async () => {
  server.answers.set("POST /query", ({ pageToken }) => ({
    lines:
      pageToken === "next"
        ? [...head, file("two")]
        : [...head, file("one"), { endStreamAction: { nextPageToken: "next" } }],
  }));
  const snapshot = await openSharedTable(await place(), folder);
  expect(snapshot).toMatchObject({ version: 7, tableId: "t-1" });
  expect(await rows(snapshot)).toEqual(
    [0, 1, 2, 3, 4, 5].map((id) => ({ id, name: `x${id}`, day: "2024-05-06" })),
  );
});

test("nothing is listed again while the version stays", async () => {
  server.answers.set("POST /query", () => ({ lines: [...head, file("one")] }));
  const at = await place();
  const first = await openSharedTable(at, folder);
  server.requests.length = 0;
  expect(await sharedVersion(at, folder)).toEqual({ version: 7, tableId: "t-1" });
  expect(await openSharedTable(at, folder)).toBe(first);
  expect(server.requests).toEqual(["GET /metadata", "GET /metadata"]);
});

test("addresses that have ended, or are refused, are asked for again, by the server's token", async () => {
  const ended = Date.now() - 1000;
  server.answers.set("POST /query", ({ refreshToken }) => {
    if (refreshToken === "again") return { lines: [...head, file("one"), file("two")] };
    server.files.set("refused", { path: "", status: 403 });
    const two = { ...(file("two") as { file: object }).file, url: `${server.url}/file/refused` };
    const lines = [...head, file("one", { expirationTimestamp: ended }), { file: two }];
    return { lines: [...lines, { endStreamAction: { refreshToken: "again" } }] };
  });
  expect(await ids(await openSharedTable(await place(), folder))).toEqual([0, 1, 2, 3, 4, 5]);
  expect(server.requests.filter((one) => one === "POST /query")).toHaveLength(2);
});

test("a version that has gone meanwhile is said, and not mixed with the new one", async () => {
  let asked = 0;
  server.answers.set("POST /query", ({ version }) => {
    if (version !== undefined) return { status: 400, lines: [{ message: "history is not shared" }] };
    const name = asked++ === 0 ? "one" : "two";
    return { lines: [...head, file(name, { expirationTimestamp: Date.now() - 1 })] };
  });
  const snapshot = await openSharedTable(await place(), folder);
  await expect(ids(snapshot)).rejects.toMatchObject({ code: "remote.files_gone" });
});

test("rows that a deletion vector names are gone, whether it stands in the answer or is a file", async () => {
  const { bytes, offset, sizeInBytes, cardinality } = await vectorOfSecondRow();
  await writeFile(join(folder, "vector.bin"), bytes);
  server.files.set("vector", { path: join(folder, "vector.bin") });
  const about = { sizeInBytes, cardinality };
  const vector = bytes.subarray(offset + 4, offset + 4 + sizeInBytes);
  const inline = { ...about, storageType: "i", pathOrInlineDv: z85(vector) };
  const stored = { ...about, storageType: "p", offset, pathOrInlineDv: `${server.url}/file/vector` };
  server.answers.set("POST /query", () => ({
    headers: { "delta-sharing-capabilities": "responseformat=delta;includeEndStreamAction=true" },
    lines: [
      ...deltaHead,
      deltaFile("one", { deletionVector: inline }),
      deltaFile("two", { deletionVector: stored }, { deletionVectorFileId: "v" }),
      { endStreamAction: {} },
    ],
  }));
  expect(await ids(await openSharedTable(await place(), folder))).toEqual([0, 2, 3, 5]);
});

test("an answer that was cut off, or ends in an error, is no table", async () => {
  const headers = { "delta-sharing-capabilities": "responseformat=delta;includeEndStreamAction=true" };
  server.answers.set("POST /query", () => ({ headers, lines: [...deltaHead, deltaFile("one", {})] }));
  await expect(openSharedTable(await place(), folder)).rejects.toThrow(/cut off before its end/);
  server.answers.set("POST /query", () => ({
    lines: [...head, { endStreamAction: { errorMessage: "disk\nfull" } }],
  }));
  await expect(openSharedTable(await place(), folder)).rejects.toThrow(/broke off: disk full/);
});

test("the change feed gives the rows that came, went or changed", async () => {
  const change = (action: string, name: string) => ({
    file: {
      ...(deltaFile(name, {}) as { file: object }).file,
      deltaSingleAction: {
        [action]: { path: `${server.url}/file/${name}`, partitionValues: { day: null }, size: sizes[name] },
      },
    },
  });
  server.answers.set("GET /changes", () => ({
    lines: [...deltaHead, change("remove", "one"), change("cdc", "two")],
  }));
  const changed = await sharedChanges(await place(), folder, 4);
  expect(server.requests.at(-1)).toBe("GET /changes?startingVersion=5");
  expect(await ids(changed!)).toEqual([0, 1, 2, 3, 4, 5]);
  server.answers.set("GET /changes", () => ({ status: 400, lines: [{ message: "no history" }] }));
  expect(await sharedChanges(await place(), folder, 4)).toBeUndefined();
});

test("each refusal says what it is and what to do, and no secret", async () => {
  await expect(openSharedTable(await place({}, "wrong-token"), folder)).rejects.toMatchObject({
    code: "remote.unauthenticated",
    message: expect.stringMatching(
      /^The share server .* \(table retail\.crm\.customers\) answers with 401: no such token$/,
    ),
  });
  server.answers.set("GET /metadata", () => ({ status: 403, lines: [{ message: "not for you" }] }));
  await expect(openSharedTable(await place(), folder)).rejects.toMatchObject({ code: "remote.forbidden" });
  server.answers.delete("GET /metadata");
  await expect(openSharedTable(await place(), folder)).rejects.toMatchObject({ code: "remote.not_found" });
  const past = await place({ expirationTime: "2021-11-12T00:12:29.0Z" });
  await expect(openSharedTable(past, folder)).rejects.toMatchObject({ code: "remote.profile_expired" });
  const open = await place({ endpoint: "http://share.example.com/" });
  await expect(openSharedTable(open, folder)).rejects.toMatchObject({ code: "remote.not_encrypted" });
  const newer = await place({ shareCredentialsVersion: 3 });
  await expect(openSharedTable(newer, folder)).rejects.toThrow(/shareCredentialsVersion is 3/);
  const none = { profile: "env:ONECOPY_NO_SUCH_VARIABLE", table: "a.b.c" };
  await expect(openSharedTable(none, folder)).rejects.toThrow(/ONECOPY_NO_SUCH_VARIABLE is not set/);
});

test("a file that lies elsewhere than behind https, or on this machine for another server, is not fetched", async () => {
  server.answers.set("POST /query", () => ({ lines: [...head, file("one", { url: "file:///etc/passwd" })] }));
  await expect(ids(await openSharedTable(await place(), folder))).rejects.toThrow(/not one of https/);
  server.answers.set("POST /query", () => ({ lines: [...head, file("one", { url: "http://10.0.0.1/x" })] }));
  await expect(ids(await openSharedTable(await place(), folder))).rejects.toThrow(/not one of https/);
});

test("a file's address does not lead on to another one", async () => {
  server.files.set("moved", { path: join(folder, "one.parquet"), status: 302 });
  server.answers.set("POST /query", () => ({ lines: [...head, file("moved", { size: 10 })] }));
  await expect(openSharedTable(await place(), folder).then(ids)).rejects.toThrow(/answers with 302/);
});

test("OAuth client credentials: the token is asked for once, while it is good", async () => {
  const { endpoint, requests, close } = await tokenServer();
  try {
    const credentials = {
      type: "oauth_client_credentials",
      tokenEndpoint: endpoint,
      clientId: "me",
      clientSecret: "s:cret",
    };
    const at = await place({ shareCredentialsVersion: 2, bearerToken: undefined, ...credentials });
    await sharedVersion(at, folder);
    await sharedVersion(at, folder);
    expect(requests).toEqual([
      `Basic ${Buffer.from("me:s%3Acret").toString("base64")} grant_type=client_credentials`,
    ]);
  } finally {
    close();
  }
});

async function tokenServer(): Promise<{ endpoint: string; requests: string[]; close: () => void }> {
  const { createServer } = await import("node:http");
  const requests: string[] = [];
  const http = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      requests.push(`${request.headers.authorization} ${body}`);
      response.end(JSON.stringify({ access_token: "good", token_type: "bearer", expires_in: 3600 }));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as { port: number };
  return { endpoint: `http://127.0.0.1:${port}/token`, requests, close: () => http.close() };
}

/** As a table's own delete writes it: the file, and where in it the vector is. */
async function vectorOfSecondRow(): Promise<{
  bytes: Buffer;
  offset: number;
  sizeInBytes: number;
  cardinality: number;
}> {
  const lake = openStore(join(folder, "lake"));
  await Table.create(lake, "t", {
    schema: schemaOf([{ name: "id", type: "BIGINT" }]),
    properties: { "delta.enableDeletionVectors": "true" },
  });
  const table = await Table.open(lake, "t");
  await table.write(session, { mode: "append", query: "SELECT i::BIGINT AS id FROM range(3) r(i)" });
  await table.delete(session, { where: "id = 1" });
  const [data] = [...(await table.snapshot()).files];
  const { offset, sizeInBytes, cardinality } = data!.deletionVector!;
  for await (const { key } of lake.list("t/deletion_vector_")) {
    const bytes = await readFile(lake.locate(key));
    return { bytes, offset: offset!, sizeInBytes, cardinality };
  }
  throw new Error("the delete wrote no vector");
}

/** Z85 (ZeroMQ RFC 32), filled up with zeros to whole groups of four bytes. */
function z85(bytes: Buffer): string {
  const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
  const filled = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  let text = "";
  for (let i = 0; i < filled.length; i += 4)
    for (let power = 85 ** 4; power >= 1; power /= 85)
      text += digits[Math.floor(filled.readUInt32BE(i) / power) % 85];
  return text;
}
