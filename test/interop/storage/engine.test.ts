import { existsSync } from "node:fs";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Engine, addresses, openEngine, textList } from "../../../src/engine/index.ts";
import { type Store, openStore } from "../../../src/storage/index.ts";
import { startMoto, startVersitygw } from "./s3-server.ts";
import { type ObjectServer, extensionFolder, versitygwPath } from "./server.ts";

// Versitygw checks signatures; moto does not.
const hasVersitygw = existsSync(versitygwPath);

let server: ObjectServer;
beforeAll(async () => {
  server = hasVersitygw ? await startVersitygw() : await startMoto();
});
afterAll(() => server.stop());

let folder: string;
const engines: Engine[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-s3-engine-"));
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  await rm(folder, { recursive: true });
});

type Options = Omit<Parameters<typeof openEngine>[0], "spillFolder">;

async function open(options: Options = {}): Promise<Engine> {
  const engine = await openEngine({
    spillFolder: join(folder, "spill"),
    threads: 1,
    extensionFolder,
    ...options,
  });
  engines.push(engine);
  return engine;
}

/** A store with the numbers 0…99 in `numbers/a.parquet`, and so on. */
async function numbers(...keys: readonly string[]): Promise<Store> {
  const store = openStore(server.newAddress(), { environment: server.environment });
  const session = await (await open()).session();
  const local = join(folder, "n.parquet");
  for (const key of keys) {
    await session.run(`COPY (SELECT i FROM range(100) t(i)) TO '${local}'`);
    await store.adopt(local, key);
  }
  return store;
}

const count = (paths: readonly string[]): string =>
  `SELECT count(*)::INTEGER AS n FROM read_parquet(${textList(paths)})`;

describe("an engine reads a bucket", () => {
  test("by itself where httpfs loads; what a URL cannot say is copied", async () => {
    const keys = ["a b/é.parquet", "%20.parquet", "what?.parquet", "x*[1].parquet", "z.parquet"];
    const store = await numbers(...keys);
    const session = await (await open()).session();
    const found = await addresses(session, store, keys);
    expect([found[0], found[4]]).toEqual([store.locate(keys[0]!), store.locate(keys[4]!)]);
    for (const path of found.slice(1, 4)) expect(path).toContain(session.scratchFolder);
    for (const path of found) expect(await session.rows(count([path])), path).toEqual([{ n: 100 }]);
  });

  test("by copies where it does not", async () => {
    const store = await numbers("a.parquet", "b.parquet");
    await mkdir(join(folder, "no-extensions"));
    const session = await (await open({ extensionFolder: join(folder, "no-extensions") })).session();
    const paths = await addresses(session, store, ["a.parquet", "b.parquet"]);
    for (const path of paths) expect(path).toContain(session.scratchFolder);
    expect(await session.rows(count(paths))).toEqual([{ n: 200 }]);
  });

  test("confined to it, and to nothing else of the bucket or the network", async () => {
    const store = await numbers("a.parquet");
    const other = await numbers("secret.parquet");
    const session = await (await open({ confineTo: [store] })).session();
    const paths = await addresses(session, store, ["a.parquet"]);
    expect(paths).toEqual([store.locate("a.parquet")]);
    expect(await session.rows(count(paths))).toEqual([{ n: 100 }]);
    // A store that the engine was not opened for is still read, by copies.
    expect(await session.rows(count(await addresses(session, other, ["secret.parquet"])))).toEqual([
      { n: 100 },
    ]);
    const refused = [
      other.locate("secret.parquet"),
      store.locate("").replace(/\/$/, "2/a.parquet"),
      `${server.endpoint}/x.parquet`,
      "/etc/passwd",
    ];
    for (const path of refused)
      await expect(session.rows(count([path])), path).rejects.toMatchObject({
        message: expect.stringContaining("Permission Error"),
      });
    // Options in a URL would send the request elsewhere.
    await expect(
      session.rows(count([`${store.locate("a.parquet")}?s3_endpoint=127.0.0.1:9`])),
    ).rejects.toMatchObject({ message: expect.stringContaining("404") });
    const secrets = JSON.stringify(await session.rows("FROM duckdb_secrets()"));
    expect(secrets).toContain(store.url);
    expect(secrets).not.toContain(server.environment["AWS_SECRET_ACCESS_KEY"]);
    await expect(session.rows("FROM duckdb_secrets(redact := false)")).rejects.toThrow();
  });

  test.skipIf(!hasVersitygw)(
    "and `..` in a URL leads nowhere (a server that checks signatures)",
    async () => {
      const store = await numbers("a.parquet");
      const other = await numbers("secret.parquet");
      const session = await (await open({ confineTo: [store] })).session();
      const up = other.url.split("/").slice(3).join("/");
      const path = `${store.locate("a.parquet").replace("a.parquet", "")}../../${up}secret.parquet`;
      await expect(session.rows(count([path]))).rejects.toMatchObject({
        message: expect.stringContaining("403"),
      });
    },
  );

  test("without keys in any error, when they are wrong", async () => {
    const store = await numbers("a.parquet");
    const environment = { ...server.environment, AWS_SECRET_ACCESS_KEY: "quite'wrong", AWS_REGION: "x'y" };
    const wrong = openStore(store.url, { environment });
    const session = await (await open()).session();
    const paths = await addresses(session, wrong, ["a.parquet"]);
    const said = await session.rows(count(paths)).catch((error: unknown) => String(error));
    expect(JSON.stringify(said)).not.toContain("quite");
  });
});
