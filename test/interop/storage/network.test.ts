import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Store, openStore } from "../../../src/storage/index.ts";
import { bodyOf, keys } from "../../contract/store-use.ts";
import { startAzurite } from "./azure-server.ts";
import { type FaultyProxy, type Fate, startProxy } from "./faulty-proxy.ts";
import { startFakeGcs } from "./gcs-server.ts";
import { startMoto } from "./s3-server.ts";
import type { ObjectServer } from "./server.ts";

type Environment = Readonly<Record<string, string>>;

const text = async (store: Store, key: string): Promise<string> =>
  Buffer.from(bodyOf(await store.get(key))).toString();
const error = (code: string): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>said</Message></Error>`;
const busy: Fate = { status: 503, body: error("SlowDown") };

describe("S3 behind a network that fails", () => {
  let server: ObjectServer;
  let proxy: FaultyProxy;
  let folder: string;
  let store: Store;
  beforeAll(async () => {
    server = await startMoto();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "onecopy-network-"));
    proxy = await startProxy(server.endpoint);
    const environment = { ...server.environment, AWS_ENDPOINT_URL_S3: proxy.endpoint };
    store = openStore(server.newAddress(), { environment });
  });
  afterEach(async () => {
    await proxy.stop();
    await rm(folder, { recursive: true });
  });

  test("what may be repeated is, until it is through", async () => {
    proxy.next("PUT", busy, "break before", "tear", "break after", { status: 500 });
    expect(await store.put("a", "x")).toMatchObject({ kind: "written" });
    expect(proxy.seen).toHaveLength(6);
    proxy.next("GET", busy, "break before", "break midway", { status: 429 });
    expect(await text(store, "a")).toBe("x");
    proxy.next("GET", busy, "break midway");
    expect(await keys(store, "")).toEqual(["a"]);
    proxy.next("HEAD", busy);
    expect(await store.head("a")).toMatchObject({ kind: "found" });
    proxy.next("DELETE", "break after");
    await store.delete("a");
    expect(await store.head("a")).toEqual({ kind: "absent" });
  });

  test("a conditional put is sent once, and is unknown where it may have happened", async () => {
    const conflict: Fate = { status: 409, body: error("ConditionalRequestConflict") };
    for (const [i, fate] of (["break before", "tear", "break after", busy, conflict] as const).entries()) {
      proxy.next("PUT", fate);
      expect(await store.put(`k${i}`, "x", { ifAbsent: true })).toMatchObject({ kind: "unknown" });
      expect(proxy.seen).toHaveLength(1);
      proxy.fate = () => "pass";
      expect((await store.head(`k${i}`)).kind).toBe(fate === "break after" ? "found" : "absent");
    }
    const put = await store.put("m", "1");
    if (put.kind !== "written") throw new Error(put.kind);
    proxy.next("PUT", "break after");
    expect(await store.put("m", "2", { ifMatch: put.etag })).toMatchObject({ kind: "unknown" });
    expect(await text(store, "m")).toBe("2");
  });

  test("a put that a proxy repeats looks lost, though its own bytes are there", async () => {
    proxy.next("PUT", "twice");
    expect(await store.put("a", "mine", { ifAbsent: true })).toEqual({ kind: "conflict" });
    expect(await text(store, "a")).toBe("mine");
    await writeFile(join(folder, "f"), "content");
    proxy.next("PUT", "twice");
    expect(await store.adopt(join(folder, "f"), "b")).toEqual({ sizeBytes: 7 });
  });

  test("a clock that is an hour off is made up for, in conditional puts too", async () => {
    const serverMs = Date.now() + 3_600_000;
    proxy.fate = ({ headers }) => {
      const [, y, mo, d, h, m, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(
        String(headers["x-amz-date"]),
      )!;
      const sentMs = Date.parse(`${y}-${mo}-${d}T${h}:${m}:${s}Z`);
      if (Math.abs(sentMs - serverMs) < 900_000) return "pass";
      return {
        status: 403,
        headers: { date: new Date(serverMs).toUTCString() },
        body: error("RequestTimeTooSkewed"),
      };
    };
    expect(await store.put("a", "x", { ifAbsent: true })).toMatchObject({ kind: "written" });
    expect(proxy.seen).toHaveLength(2);
    expect(await text(store, "a")).toBe("x");
    expect(proxy.seen).toHaveLength(3);
  });

  test("a file that is put, and whose answer is lost, is adopted; once", async () => {
    await writeFile(join(folder, "f"), "content");
    proxy.next("PUT", "break after");
    expect(await store.adopt(join(folder, "f"), "a")).toEqual({ sizeBytes: 7 });
    expect(proxy.seen.filter((line) => line.startsWith("PUT"))).toHaveLength(1);
    expect(await text(store, "a")).toBe("content");
  });

  test("a large file is uploaded in parts, each repeated by itself; its last answer may be lost", async () => {
    const body = randomBytes(50_000_000);
    await writeFile(join(folder, "f"), body);
    proxy.next("PUT", busy, "break before", "pass", "break after");
    expect(await store.adopt(join(folder, "f"), "a")).toEqual({ sizeBytes: body.length });
    expect(Buffer.from(bodyOf(await store.get("a"))).equals(body)).toBe(true);

    await writeFile(join(folder, "f"), body);
    proxy.next("POST", "pass", "break after");
    expect(await store.adopt(join(folder, "f"), "b")).toEqual({ sizeBytes: body.length });
    expect(Buffer.from(bodyOf(await store.get("b"))).equals(body)).toBe(true);
    await writeFile(join(folder, "f"), body);
    await expect(store.adopt(join(folder, "f"), "b")).rejects.toMatchObject({ code: "storage.exists" });
  });

  test("an upload that fails is aborted, leaves nothing to see, and the local file", async () => {
    const body = randomBytes(40_000_000);
    await writeFile(join(folder, "f"), body);
    proxy.next("PUT", "pass", { status: 403, body: error("AccessDenied") });
    await expect(store.adopt(join(folder, "f"), "a")).rejects.toMatchObject({ code: "storage.denied" });
    expect(proxy.seen.at(-1)).toMatch(/^DELETE .*uploadId=/);
    expect(await keys(store, "")).toEqual([]);
    expect((await readFile(join(folder, "f"))).equals(body)).toBe(true);
  });

  test("what a store refuses is said with what to do", async () => {
    const refusals: [Fate, string, string][] = [
      [{ status: 403, body: error("AccessDenied") }, "storage.denied", "s3:PutObject"],
      [{ status: 403, body: error("SignatureDoesNotMatch") }, "storage.denied", "AWS_SECRET_ACCESS_KEY"],
      [{ status: 404, body: error("NoSuchBucket") }, "storage.no_bucket", "Make the bucket"],
      [
        { status: 301, headers: { "x-amz-bucket-region": "eu-west-1" }, body: error("PermanentRedirect") },
        "storage.wrong_region",
        "AWS_REGION=eu-west-1",
      ],
      [{ status: 200, body: "<html>a portal</html>" }, "storage.bad_answer", "proxy"],
    ];
    for (const [fate, code, remedy] of refusals) {
      proxy.fate = () => fate;
      const refused = { code, remedy: expect.stringContaining(remedy) };
      await expect(keys(store, "")).rejects.toMatchObject(refused);
    }
  });

  test("a listing from outside is bounded, in order, and cannot name what is no key", async () => {
    const root = store.url.split("/").slice(3).join("/");
    const contents = (...names: string[]): Fate => ({
      status: 200,
      body: `<ListBucketResult>${names
        .map(
          (name) =>
            `<Contents><Key>${name}</Key><Size>1</Size><ETag>"e"</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`,
        )
        .join("")}</ListBucketResult>`,
    });
    proxy.fate = () =>
      contents("!elsewhere/x", `${root}../x`, `${root}a//b`, `${root}c&amp;d&#x41;`, `${root}folder/`);
    expect(await keys(store, "")).toEqual(["c&dA"]);
    for (const fate of [
      contents(`${root}b`, `${root}a`),
      contents(`${root}&evil;`),
      { status: 200, body: `<a>`.repeat(100) },
      { status: 200, body: `<!DOCTYPE x [<!ENTITY e "e">]><ListBucketResult/>` },
      { status: 200, body: "<ListBucketResult><Contents></ListBucketResult>" },
      { status: 200, body: `<ListBucketResult>${"x".repeat(20_000_000)}</ListBucketResult>` },
    ]) {
      proxy.fate = () => fate;
      await expect(keys(store, "")).rejects.toMatchObject({
        code: expect.stringMatching(/bad_answer|too_large/),
      });
    }
  });
});

describe.each([
  {
    name: "Azure (Azurite)",
    start: startAzurite,
    through: (environment: Environment, from: string, to: string): Environment => ({
      AZURE_STORAGE_CONNECTION_STRING: environment["AZURE_STORAGE_CONNECTION_STRING"]!.replace(from, to),
    }),
    put: "PUT",
  },
  {
    name: "GCS (fake-gcs-server)",
    start: startFakeGcs,
    through: (_: Environment, __: string, to: string): Environment => ({ STORAGE_EMULATOR_HOST: to }),
    put: "POST",
  },
])("$name", ({ start, through, put }) => {
  let server: ObjectServer;
  let proxy: FaultyProxy;
  let folder: string;
  beforeAll(async () => {
    server = await start();
    proxy = await startProxy(server.endpoint);
    folder = await mkdtemp(join(tmpdir(), "onecopy-network-"));
  });
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  test("a large file is uploaded whole, once", async () => {
    const store = openStore(server.newAddress(), { environment: server.environment });
    const body = randomBytes(50_000_000);
    await writeFile(join(folder, "f"), body);
    expect(await store.adopt(join(folder, "f"), "a")).toEqual({ sizeBytes: body.length });
    expect(Buffer.from(bodyOf(await store.get("a"))).equals(body)).toBe(true);
    await writeFile(join(folder, "f"), randomBytes(50_000_000));
    await expect(store.adopt(join(folder, "f"), "a")).rejects.toMatchObject({ code: "storage.exists" });
    expect(Buffer.from(bodyOf(await store.get("a"))).equals(body)).toBe(true);
  });

  test("behind a network that fails, a conditional put is sent once, and unknown where it may have happened", async () => {
    const environment = through(server.environment, server.endpoint, proxy.endpoint);
    const store = openStore(server.newAddress(), { environment });
    const outcomes: string[] = [];
    for (const [i, fate] of (["break before", "tear", "break after", busy, "twice"] as const).entries()) {
      proxy.next(put, fate);
      const { kind } = await store.put(`k${i}`, "x", { ifAbsent: true });
      const sent = proxy.seen.filter((line) => line.startsWith(put)).length;
      proxy.fate = () => "pass";
      outcomes.push(`${kind}, sent ${sent} time, ${(await store.head(`k${i}`)).kind}`);
    }
    expect(outcomes).toEqual([
      "unknown, sent 1 time, absent",
      "unknown, sent 1 time, absent",
      "unknown, sent 1 time, found",
      "unknown, sent 1 time, absent",
      "conflict, sent 1 time, found",
    ]);
    proxy.next("GET", busy, "break before");
    expect(await text(store, "k2")).toBe("x");
    proxy.next(put, "break after");
    await writeFile(join(folder, "f"), "content");
    expect(await store.adopt(join(folder, "f"), "adopted")).toEqual({ sizeBytes: 7 });
    expect(await text(store, "adopted")).toBe("content");
  });
});
