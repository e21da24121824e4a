import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { type IncomingMessage, type ServerResponse, createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MountConfig, mountState } from "../../../src/catalog/index.ts";
import { type Engine, type Session, openEngine } from "../../../src/engine/index.ts";
import { schemaOf } from "../../../src/schema/index.ts";
import { openStore } from "../../../src/storage/index.ts";
import { Table, scan } from "../../../src/table/index.ts";
import { LineProcess } from "../line-process.ts";
import { startMoto } from "../storage/s3-server.ts";
import { extensionFolder, startServer } from "../storage/server.ts";

const python = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));
const jars = fileURLToPath(new URL("../../../.cache/rck/jars", import.meta.url));

let folder: string;
let engine: Engine;
let session: Session;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-mounted-"));
  engine = await openEngine({ spillFolder: join(folder, "spill"), threads: 1, extensionFolder });
  session = await engine.session();
});
afterAll(async () => {
  session.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

async function rowsOf(mount: MountConfig): Promise<Record<string, unknown>[]> {
  const snapshot = await (await mountState(mount, folder)).snapshot();
  return await session.rows(`SELECT * FROM ${await scan(session, snapshot)} ORDER BY id`);
}

test("Iceberg's own reference catalog: what PyIceberg writes there is read, commit after commit", async () => {
  const java = execFileSync("which", ["java"], { encoding: "utf8" }).trim();
  const server = await startServer(
    java,
    () => ["-cp", `${jars}/*`, "org.apache.iceberg.rest.RESTCatalogServer"],
    (port, at) => ({
      CATALOG_REST_PORT: String(port),
      CATALOG_WAREHOUSE: join(at, "warehouse"),
      CATALOG_URI: `jdbc:sqlite:${join(at, "catalog.db")}`,
      CATALOG_JDBC_USER: "user",
      CATALOG_JDBC_PASSWORD: "password",
    }),
  );
  const writer = new LineProcess(python, [
    "-W",
    "ignore",
    fileURLToPath(new URL("mount_pyiceberg.py", import.meta.url)),
    server.endpoint,
  ]);
  try {
    const mount = { iceberg_catalog: { uri: server.endpoint, table: "crm.contacts" } };
    const seen: number[] = [];
    for (const step of ["create", "append", "delete", "evolve"]) {
      const theirs = (await writer.ask(step)) as unknown[];
      expect(await rowsOf(mount)).toEqual(theirs);
      seen.push(theirs.length);
    }
    expect(seen).toEqual([5, 8, 7, 8]);
  } finally {
    await writer.close();
    await server.stop();
  }
});

test("a table in S3 is read with the keys that the catalog gives, by an engine that has none", async () => {
  const s3 = await startMoto();
  const catalog = createServer();
  try {
    const address = s3.newAddress();
    const lake = openStore(address, { environment: { ...process.env, ...s3.environment } });
    await Table.create(lake, "t", { schema: schemaOf([{ name: "id", type: "BIGINT" }]) });
    const table = await Table.open(lake, "t");
    await table.write(session, { mode: "append", query: "SELECT i AS id FROM range(3) r(i)" });
    const { iceberg } = await table.snapshot();
    const metadata = await lake.get(iceberg!.metadataKey);
    const text = Buffer.from(metadata.kind === "found" ? metadata.body : "").toString();
    const asked: (string | undefined)[] = [];
    catalog.on("request", (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === "/v1/config")
        return void response.end('{"defaults":{},"overrides":{"prefix":"wh"}}');
      asked.push(`${request.url} ${String(request.headers["x-iceberg-access-delegation"])}`);
      const config = {
        "s3.access-key-id": s3.environment["AWS_ACCESS_KEY_ID"],
        "s3.secret-access-key": s3.environment["AWS_SECRET_ACCESS_KEY"],
        "s3.endpoint": s3.endpoint,
        "s3.path-style-access": "true",
        "client.region": "us-east-1",
      };
      const credentials = [{ prefix: address, config }];
      response.end(`{"metadata":${text},"config":{},"storage-credentials":${JSON.stringify(credentials)}}`);
    });
    await new Promise<void>((resolve) => catalog.listen(0, "127.0.0.1", resolve));
    const uri = `http://127.0.0.1:${(catalog.address() as AddressInfo).port}`;
    const fresh = await openEngine({ spillFolder: join(folder, "spill-2"), threads: 1, extensionFolder });
    const other = await fresh.session();
    try {
      const state = await mountState({ iceberg_catalog: { uri, table: "a.b.t" } }, folder);
      const relation = await scan(other, await state.snapshot());
      expect(relation).toContain("s3://");
      expect(await other.rows(`FROM ${relation} ORDER BY id`)).toEqual([{ id: 0 }, { id: 1 }, { id: 2 }]);
    } finally {
      other.close();
      await fresh.close();
    }
    expect(asked).toEqual(["/v1/wh/namespaces/a%1Fb/tables/t?snapshots=refs vended-credentials"]);
  } finally {
    catalog.close();
    await s3.stop();
  }
});

test("keys that end, or are refused, while a table is read are asked for anew", async () => {
  const s3 = await startMoto();
  const catalog = createServer();
  /** Lets in who has the key of the moment, and nobody else; moto itself lets everybody in. */
  const guard = createServer();
  try {
    const address = s3.newAddress();
    const lake = openStore(address, { environment: { ...process.env, ...s3.environment } });
    const query = `SELECT i AS id, md5(i::VARCHAR) AS between, i % 7 AS kind, md5((i + 1)::VARCHAR) AS note FROM range(400000) r(i)`;
    await Table.create(lake, "t", { schema: schemaOf(await session.describe(query)) });
    const table = await Table.open(lake, "t");
    await table.write(session, { mode: "append", query });
    const { iceberg } = await table.snapshot();
    const metadata = await lake.get(iceberg!.metadataKey);
    const text = Buffer.from(metadata.kind === "found" ? metadata.body : "").toString();
    let given = 0;
    let lifeMs = 3_600_000;
    let refused = 0;
    catalog.on("request", (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === "/v1/config") return void response.end('{"defaults":{},"overrides":{}}');
      given += 1;
      const config = {
        "s3.access-key-id": `key${given}`,
        "s3.secret-access-key": "secret",
        "s3.session-token": `token${given}`,
        "s3.session-token-expires-at-ms": String(Date.now() + lifeMs),
        "s3.endpoint": `http://127.0.0.1:${(guard.address() as AddressInfo).port}`,
        "s3.path-style-access": "true",
        "client.region": "us-east-1",
      };
      response.end(`{"metadata":${text},"config":${JSON.stringify(config)}}`);
    });
    guard.on("request", (request: IncomingMessage, response: ServerResponse) => {
      if (!request.headers.authorization?.includes(`Credential=key${given}/`)) {
        refused += 1;
        return void response.writeHead(403).end("<Error><Code>ExpiredToken</Code></Error>");
      }
      const { host: _, ...headers } = request.headers;
      const onward = httpRequest(
        s3.endpoint + request.url!,
        { method: request.method!, headers },
        (answer) => {
          response.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(response);
        },
      );
      request.pipe(onward);
    });
    for (const server of [catalog, guard])
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const uri = `http://127.0.0.1:${(catalog.address() as AddressInfo).port}`;
    const state = await mountState({ iceberg_catalog: { uri, table: "a.t" } }, folder);
    const relation = await scan(session, await state.snapshot());
    expect(await session.rows(`SELECT max(id)::INTEGER AS n FROM ${relation}`)).toEqual([{ n: 399_999 }]);
    expect([given, refused]).toEqual([1, 0]);
    // Taken away before their time; those that come instead end soon.
    given += 1;
    lifeMs = 1000;
    expect(await session.rows(`SELECT sum(kind)::INTEGER AS n FROM ${relation}`)).toEqual([{ n: 1_199_997 }]);
    expect(refused).toBeGreaterThan(0);
    lifeMs = 3_600_000;
    await sleep(1000);
    const before = [given + 1, refused];
    expect(await session.rows(`SELECT count(DISTINCT note)::INTEGER AS n FROM ${relation}`)).toEqual([
      { n: 400_000 },
    ]);
    expect([given, refused]).toEqual(before);
  } finally {
    catalog.close();
    guard.close();
    await s3.stop();
  }
});
