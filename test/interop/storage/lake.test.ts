import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openEngine } from "../../../src/engine/index.ts";
import { schemaOf } from "../../../src/schema/index.ts";
import { openStore } from "../../../src/storage/index.ts";
import { Table, scan } from "../../../src/table/index.ts";
import { onecopy } from "../../cli/command.ts";
import { CANARIES, smallShop } from "../../cli/small-shop.ts";
import { startMoto } from "./s3-server.ts";
import { type ObjectServer, extensionFolder } from "./server.ts";

let server: ObjectServer;
beforeAll(async () => {
  server = await startMoto();
});
afterAll(() => server.stop());

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-s3-lake-"));
  await mkdir(join(folder, "no-extensions"));
});
afterEach(() => rm(folder, { recursive: true }));

describe.each(["by httpfs", "by copies"])("a table in a bucket, read %s", (way) => {
  test("is written, read back, and read by both formats' newest version", async () => {
    const requests: string[] = [];
    const store = openStore(server.newAddress(), {
      environment: server.environment,
      onRequest: ({ method }) => requests.push(method),
    });
    const engine = await openEngine({
      spillFolder: join(folder, "spill"),
      threads: 1,
      extensionFolder: way === "by httpfs" ? extensionFolder : join(folder, "no-extensions"),
    });
    try {
      const session = await engine.session();
      const schema = schemaOf([
        { name: "id", type: "BIGINT" },
        { name: "name", type: "VARCHAR" },
      ]);
      await Table.create(store, "ns/t", { schema });
      const table = await Table.open(store, "ns/t");
      for (let i = 0; i < 3; i++) {
        requests.length = 0;
        const query = `SELECT ${i} AS id, 'Łukasz ${i}' AS name`;
        expect(await table.write(session, { mode: "append", query })).toMatchObject({ kind: "committed" });
      }
      // What the issue allows: 5 puts and 2 reads for a small append.
      expect(requests.filter((method) => method === "PUT").length).toBeLessThanOrEqual(5);
      expect(requests.filter((method) => method !== "PUT").length).toBeLessThanOrEqual(2);
      const snapshot = await table.snapshot();
      expect(snapshot.iceberg).toMatchObject({ version: 3 });
      expect(await session.rows(`FROM ${await scan(session, snapshot)} ORDER BY id`)).toEqual(
        [0, 1, 2].map((i) => ({ id: i, name: `Łukasz ${i}` })),
      );
      const metadata = await store.get(snapshot.iceberg!.metadataKey);
      const text = metadata.kind === "found" ? Buffer.from(metadata.body).toString() : "";
      expect(JSON.parse(text)).toMatchObject({ location: store.locate("ns/t") });
    } finally {
      await engine.close();
    }
  });
});

test(
  "a project whose lake is a bucket is applied, run, asked and audited, by httpfs and by copies alike",
  { timeout: 400_000 },
  async () => {
    const shop = await smallShop();
    try {
      const lake = server.newAddress();
      const file = join(shop, "onecopy.yaml");
      const config = (await readFile(file, "utf8")).replace(
        "lake: ./lake\nstate: ./state\n",
        `lake: ${lake}\n`,
      );
      await writeFile(file, config);
      const command = async (way: string, ...args: string[]): Promise<string> => {
        const environment = { ...server.environment, ONECOPY_DUCKDB_EXTENSIONS: way };
        const finished = await onecopy(["--project", shop, ...args], { environment });
        expect(finished, finished.stderr).toMatchObject({ code: 0 });
        for (const key of [
          server.environment["AWS_SECRET_ACCESS_KEY"]!,
          server.environment["AWS_ACCESS_KEY_ID"]!,
        ])
          expect(finished.stdout + finished.stderr).not.toContain(key);
        return finished.stdout;
      };
      await command(extensionFolder, "apply");
      await command(extensionFolder, "run", "--as-of", "2026-06-30");
      const sql = "select surname from unified.customer_360 order by all";
      const answers = [
        await command(extensionFolder, "query", sql, "--format", "csv"),
        await command(join(folder, "no-extensions"), "query", sql, "--format", "csv"),
      ];
      expect(answers[0]).toContain("Vandersloot");
      expect(answers[1]).toBe(answers[0]);
      expect(await command(join(folder, "no-extensions"), "run", "--as-of", "2026-06-30")).toContain(
        "Nothing to do",
      );
      const audit = await command(extensionFolder, "audit", "--json");
      expect(audit).toContain(`${lake}/`);
      await command(extensionFolder, "status");
      // What a person is called is in the lake's data files, and in no name of an object.
      const store = openStore(lake, { environment: server.environment });
      for await (const { key } of store.list(""))
        for (const canary of CANARIES) expect(key).not.toContain(canary);
    } finally {
      await rm(shop, { recursive: true });
    }
  },
);
