import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, type Session, openEngine } from "../../../src/engine/index.ts";
import { schemaOf } from "../../../src/schema/index.ts";
import { type Store, openStore } from "../../../src/storage/index.ts";
import { Table, scan } from "../../../src/table/index.ts";
import { type readerNames, Readers } from "../table/readers.ts";
import { startAzurite } from "./azure-server.ts";
import { type FaultyProxy, startProxy } from "./faulty-proxy.ts";
import { startFakeGcs } from "./gcs-server.ts";
import { startMoto, startVersitygw } from "./s3-server.ts";
import { type ObjectServer, extensionFolder, versitygwPath } from "./server.ts";

const schema = schemaOf([
  { name: "id", type: "BIGINT" },
  { name: "name", type: "VARCHAR" },
]);

let base: string;
/** One reads a bucket by itself where it can, the other by copies. */
let engines: Engine[];
let sessions: Session[];
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "onecopy-write-side-"));
  await mkdir(join(base, "no-extensions"));
  engines = await Promise.all(
    [extensionFolder, join(base, "no-extensions")].map((folder, i) =>
      openEngine({ spillFolder: join(base, `spill-${i}`), threads: 1, extensionFolder: folder }),
    ),
  );
  sessions = await Promise.all(engines.map((engine) => engine.session()));
});
afterAll(async () => {
  for (const engine of engines) await engine.close();
  await rm(base, { recursive: true });
});

type ReaderName = (typeof readerNames)[number];
type Step = (table: Table, session: Session) => Promise<unknown>;

/** Each operation once, and the names that are there after it, by id. */
const steps: readonly (readonly [name: string, step: Step, names: readonly string[]])[] = [
  ["append", write("append", "(1, 'a'), (2, 'b')"), ["1a", "2b"]],
  ["append once more", write("append", "(3, 'c')"), ["1a", "2b", "3c"]],
  ["update", (t, s) => t.update(s, { where: "id = 1", set: { name: "'A'" } }), ["1A", "2b", "3c"]],
  [
    "merge",
    (t, s) => t.merge(s, { on: ["id"], query: values("(2, 'B'), (4, 'd')") }),
    ["1A", "2B", "3c", "4d"],
  ],
  ["delete", (t, s) => t.delete(s, { where: "id = 3" }), ["1A", "2B", "4d"]],
  ["overwrite of some", write("overwrite", "(1, 'x')", { where: "id = 1" }), ["1x", "2B", "4d"]],
  [
    "deletion vectors",
    (t, s) => t.setProperties(s, { "delta.enableDeletionVectors": "true" }),
    ["1x", "2B", "4d"],
  ],
  ["delete of a row", (t, s) => t.delete(s, { where: "id = 2" }), ["1x", "4d"]],
  ["append of a third", write("append", "(5, 'e')"), ["1x", "4d", "5e"]],
  ["compaction", (t, s) => t.compact(s), ["1x", "4d", "5e"]],
  ["restore", (t) => t.restore({ version: 1 }), ["1a", "2b"]],
  ["overwrite", write("overwrite", "(7, 'g')"), ["7g"]],
];

function values(list: string): string {
  return `SELECT id::BIGINT AS id, name FROM (VALUES ${list}) AS v(id, name)`;
}

function write(mode: "append" | "overwrite", list: string, replace?: { readonly where: string }): Step {
  return (table, session) =>
    table.write(session, { mode, query: values(list), ...(replace === undefined ? {} : { replace }) });
}

async function names(session: Session, table: Table, version?: number): Promise<string[]> {
  const relation = await scan(session, await table.snapshot(version));
  const rows = await session.rows<{ n: string }>(`SELECT id || name AS n FROM ${relation} ORDER BY n`);
  return rows.map(({ n }) => n);
}

/** All operations, then what is left of them; what a reader of each way sees after each. */
async function writeSide(store: Store, folder: string): Promise<{ table: Table }> {
  expect(await Table.create(store, folder, { schema })).toMatchObject({ kind: "committed" });
  const table = await Table.open(store, folder);
  for (const [name, step, there] of steps) {
    const outcome = await step(table, sessions[0]!);
    if (name !== "compaction") expect(outcome, name).toMatchObject({ kind: "committed" });
    const other = await Table.open(store, folder);
    expect((await other.snapshot()).iceberg?.version, name).toBe((await other.snapshot()).version);
    for (const session of sessions) expect(await names(session, other), name).toEqual(there);
  }
  expect(await names(sessions[1]!, table, 2)).toEqual(["1a", "2b", "3c"]);
  expect(await table.clone(`${folder}-clone`, 2)).toMatchObject({ kind: "committed" });
  const clone = await Table.open(store, `${folder}-clone`);
  // Nothing is needed but the newest version, and what the clone shows.
  await table.setProperties(sessions[0]!, {
    "delta.logRetentionDuration": "interval 0 seconds",
    "delta.deletedFileRetentionDuration": "interval 0 seconds",
  });
  const outcome = await table.vacuum({ graceMs: 0, nowMs: Date.now() + 60_000 });
  expect(outcome.deleted.map(({ kind }) => kind)).toContain("data");
  for (const session of sessions) expect(await names(session, clone)).toEqual(["1a", "2b", "3c"]);
  return { table: await Table.open(store, folder) };
}

describe.each([
  ["S3 (moto)", startMoto, true],
  ["S3 (versitygw, where it is built)", startVersitygw, existsSync(versitygwPath)],
  ["Azure (Azurite)", startAzurite, true],
  ["GCS (fake-gcs-server)", startFakeGcs, true],
] as const)("the write side on %s", (_name, start, isThere) => {
  test.skipIf(!isThere)("does what it says, for both ways of reading", { timeout: 400_000 }, async () => {
    const server = await start();
    try {
      const store = openStore(server.newAddress(), { environment: server.environment });
      const { table } = await writeSide(store, "ns/a table");
      for (const session of sessions) expect(await names(session, table)).toEqual(["7g"]);
    } finally {
      await server.stop();
    }
  });
});

describe("the write side on S3", () => {
  let server: ObjectServer;
  let proxy: FaultyProxy;
  beforeAll(async () => {
    server = await startMoto();
    proxy = await startProxy(server.endpoint);
  });
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });

  test("is read by the clients of both formats, from the bucket", { timeout: 400_000 }, async () => {
    const store = openStore(server.newAddress(), { environment: server.environment });
    const { table } = await writeSide(store, "ns/t");
    // delta-rs reads no table with deletion vectors.
    await Table.create(store, "ns/plain", { schema });
    const plain = await Table.open(store, "ns/plain");
    await write("append", "(7, 'g'), (8, 'h')")(plain, sessions[0]!);
    await plain.delete(sessions[0]!, { where: "id = 8" });
    const ofBoth: readonly ReaderName[] = ["duckdb_delta", "pyiceberg", "duckdb_iceberg"];
    await expectRead(table, ofBoth);
    await expectRead(plain, [...ofBoth, "delta_rs"]);
  });

  async function expectRead(table: Table, names: readonly ReaderName[]): Promise<void> {
    const { version, iceberg } = await table.snapshot();
    const readers = new Readers();
    try {
      const answers = await readers.read({
        delta: table.store.locate(table.folder),
        version,
        metadata: table.store.locate(iceberg!.metadataKey),
        filter: null,
        readers: names,
        s3: {
          endpoint: server.endpoint,
          key: server.environment["AWS_ACCESS_KEY_ID"]!,
          secret: server.environment["AWS_SECRET_ACCESS_KEY"]!,
          region: "us-east-1",
        },
      });
      const read = { columns: ["id", "name"], rows: [["7", "g"]] };
      expect(answers).toEqual(Object.fromEntries(names.map((name) => [name, read])));
    } finally {
      await readers.close();
    }
  }

  test("each commit holds whose put is repeated, torn, refused or not answered by the network", async () => {
    const environment = { ...server.environment, AWS_ENDPOINT_URL_S3: proxy.endpoint };
    const store = openStore(server.newAddress(), { environment });
    await Table.create(store, "ns/t", { schema });
    const table = await Table.open(store, "ns/t");
    const fates = ["twice", "break after", "break before", "tear", { status: 503 }, { status: 409 }] as const;
    for (const [i, fate] of fates.entries()) {
      let pending = true;
      proxy.fate = ({ method, url }) => {
        if (!pending || method !== "PUT" || !url!.includes("/_delta_log/")) return "pass";
        pending = false;
        return fate;
      };
      const query = values(`(${i}, 'n')`);
      expect(await table.write(sessions[1]!, { mode: "append", query })).toMatchObject({
        kind: "committed",
        version: i + 1,
      });
      expect(pending).toBe(false);
    }
    expect(await names(sessions[1]!, await Table.open(store, "ns/t"))).toEqual(fates.map((_, i) => `${i}n`));
  });
});
