import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { AccessRecord } from "../../../src/access/index.ts";
import { createNamespace } from "../../../src/catalog/index.ts";
import { type Store, openStore } from "../../../src/storage/index.ts";
import { scan } from "../../../src/table/index.ts";
import { accessRecords } from "../../bridge/access-records.ts";
import { SHARES, type ServedProject, servedProject } from "../../bridge/served-project.ts";
import { hasCeph, startCeph } from "../storage/ceph-server.ts";
import { Spark } from "../spark/spark.ts";
import type { ObjectServer } from "../storage/server.ts";
import { Trino, hasTrino } from "../trino/trino.ts";

const PYTHON = new URL("../../../.venv/bin/python", import.meta.url).pathname;
const CONFIGURATION = `
recipients:
  office: { addresses: [127.0.0.1] }
  dbt: { writes: [analytics] }
`;
const CUSTOMERS = "unified.customer_360";
const TABLE = "/delta-sharing/shares/analytics/schemas/unified/tables/customer_360";
const DELEGATION = { "X-Iceberg-Access-Delegation": "vended-credentials" };

interface Vended {
  readonly prefix: string;
  readonly config: Readonly<Record<string, string>>;
}

type Sql = (statement: string) => Promise<{ readonly rows: readonly (readonly (string | null)[])[] }>;

interface LoadedTable {
  readonly metadata: { readonly location: string };
  readonly config?: Readonly<Record<string, string>>;
  readonly "storage-credentials"?: readonly [Vended];
}

// A store that holds keys to their policies is needed: the other servers of the tests let any key do anything.
describe.skipIf(!hasCeph)("keys for a while (Ceph's object gateway)", () => {
  let server: ObjectServer;
  let served: ServedProject;
  let alice = "";
  let dbt = "";
  let expected: number[] = [];

  beforeAll(async () => {
    server = await startCeph();
    for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
    served = await servedProject({ lake: server.newAddress(), configuration: CONFIGURATION });
    await served.share({
      analytics: { ...SHARES["analytics"]!, recipients: ["alice", "office"] },
      guarded: { tables: [CUSTOMERS], recipients: ["alice", "carol"], strict: true },
      newest: { tables: [CUSTOMERS], recipients: ["alice", "fay"], history: false },
      mine: { tables: ["analytics.reached"], recipients: ["erin"] },
    });
    await createNamespace(served.catalog, "analytics", {});
    alice = await served.token("alice");
    dbt = await served.token("dbt");
    expected = await idsOf(CUSTOMERS);
  });
  afterAll(async () => {
    await served?.close();
    await server?.stop();
    vi.unstubAllEnvs();
  });

  /** As the lake's owner sees them. */
  async function idsOf(name: string): Promise<number[]> {
    const snapshot = await (await served.catalog.find(name))!.snapshot();
    const rows = await served.session.rows<{ id: string }>(
      `SELECT id::VARCHAR AS id FROM ${await scan(served.session, snapshot)}`,
    );
    return rows.map(({ id }) => Number(id)).sort((a, b) => a - b);
  }

  /** With no variable by which a library could find keys of its own. This server does not take Arrow's checksums behind a body. */
  async function python(script: string, ...args: string[]): Promise<string[]> {
    const { PATH, HOME } = process.env;
    const { stdout } = await promisify(execFile)(
      PYTHON,
      ["-W", "ignore", new URL(script, import.meta.url).pathname, ...args],
      {
        maxBuffer: 2 ** 26,
        env: {
          PATH,
          HOME,
          AWS_EC2_METADATA_DISABLED: "true",
          AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
        },
      },
    );
    return stdout.split("\n").filter((line) => line.startsWith("{"));
  }
  const idsIn = (lines: readonly string[]): number[] =>
    lines.map((line) => Number((JSON.parse(line) as { id: string }).id)).sort((a, b) => a - b);

  const load = async (table: string, token: string, headers: object = DELEGATION): Promise<LoadedTable> => {
    const [namespace, name] = table.split(".");
    const answer = await served.get(`/iceberg/v1/namespaces/${namespace}/tables/${name}`, token, {
      headers: { ...headers },
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as LoadedTable;
  };

  /** The whole lake, by these keys. */
  const lakeBy = (config: Readonly<Record<string, string>>): Store =>
    openStore(served.project.lake.url, {
      environment: {
        ...server.environment,
        AWS_ACCESS_KEY_ID: config["s3.access-key-id"],
        AWS_SECRET_ACCESS_KEY: config["s3.secret-access-key"],
        AWS_SESSION_TOKEN: config["s3.session-token"],
      },
    });
  const outcome = async (done: Promise<unknown>): Promise<string> =>
    await done.then(
      () => "done",
      (error: { readonly code?: string }) => error.code ?? String(error),
    );
  const firstKey = async (folder: string): Promise<string> => {
    for await (const { key } of served.project.lake.list(`${folder}/`)) return key;
    throw new Error(`nothing in ${folder}`);
  };

  async function accesses(principal: string): Promise<AccessRecord[]> {
    const records = await accessRecords(served.project.lake);
    return records.filter((record) => record.principal === principal);
  }

  describe("of a share's table, as a folder", () => {
    const ask = (token: string, share = "analytics", body = ""): Promise<Response> =>
      served.get(`${TABLE.replace("analytics", share)}/temporary-table-credentials`, token, {
        method: "POST",
        body,
      });

    test("are said to be had where the table is told of, and read by delta-rs", async () => {
      const metadata = await (await served.get(`${TABLE}/metadata`, alice)).text();
      const { metaData } = JSON.parse(metadata.split("\n")[1]!) as { metaData: Record<string, unknown> };
      expect(metaData["accessModes"]).toEqual(["url", "dir"]);
      const answer = await ask(alice, "analytics", JSON.stringify({ location: metaData["location"] }));
      expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
      const text = await answer.text();
      const { credentials } = JSON.parse(text) as { credentials: Record<string, unknown> };
      expect(credentials["location"]).toBe(metaData["location"]);
      expect(credentials["expirationTime"]).toBeLessThanOrEqual(Date.now() + 15 * 60_000);
      const [read] = await python("vended_delta.py", text, server.endpoint);
      const { version, ids } = JSON.parse(read!) as { version: number; ids: number[] };
      expect([version, ids]).toEqual([3, expected]);
      expect(await accesses("alice")).toContainEqual(
        expect.objectContaining({
          operation: expect.stringContaining("temporary-table-credentials"),
          table_name: CUSTOMERS,
          decision: "allowed",
          ends_at: new Date(credentials["expirationTime"] as number).toISOString(),
        }),
      );
    });

    test.each([
      ["of a strict share", () => Promise.resolve(alice), "guarded"],
      ["of a share without history", () => Promise.resolve(alice), "newest"],
      ["for a recipient that is bound to addresses", () => served.token("office"), "analytics"],
      [
        "for a token that ends before they would",
        () => served.token("alice", "recipient", 60_000),
        "analytics",
      ],
    ])("are not had %s", async (_what, token, share) => {
      const answer = await ask(await token(), share);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        errorCode: "UNSUPPORTED_OPERATION",
        message: expect.stringContaining("accessModes: url"),
      });
      const metadata = await served.get(`${TABLE.replace("analytics", share)}/metadata`, await token());
      expect(await metadata.text()).not.toContain("accessModes");
    });

    test("are not had for another place than the table's", async () => {
      const answer = await ask(alice, "analytics", '{"location":"s3://lake-bucket/"}');
      expect(answer.status).toBe(400);
      expect((await ask(alice, "analytics", "location")).status).toBe(400);
      expect((await ask(dbt)).status).toBe(404);
    });
  });

  describe("of the Iceberg catalog", () => {
    /** What each engine's table holds in the end: ten rows twice, one of which was deleted. */
    const written = [0, 1, 2, 4, 5, 6, 7, 8, 9].flatMap((id) => [id, id]);

    test("are given to who asks for them, anew each time", async () => {
      const { config } = await load(CUSTOMERS, alice);
      const again = await served.get(
        config!["client.refresh-credentials-endpoint"]!.replace(/^/, "/iceberg/"),
        alice,
      );
      const { "storage-credentials": credentials } = (await again.json()) as LoadedTable;
      expect(credentials![0].config["s3.access-key-id"]).not.toBe(config!["s3.access-key-id"]);
      const { metadata, config: none } = await load(CUSTOMERS, alice, {});
      expect(none).toBeUndefined();
      expect(credentials![0].prefix).toBe(`${metadata.location}/`);
      expect(await accesses("alice")).toContainEqual(
        expect.objectContaining({
          protocol: "iceberg",
          table_name: CUSTOMERS,
          ends_at: new Date(Number(config!["s3.session-token-expires-at-ms"])).toISOString(),
        }),
      );
      const { endpoints } = (await (await served.get("/iceberg/v1/config", alice)).json()) as {
        endpoints: string[];
      };
      expect(endpoints).toContain("GET /v1/{prefix}/namespaces/{namespace}/tables/{table}/credentials");
    });

    test("let PyIceberg and DuckDB read with a token alone", async () => {
      const uri = `${served.server.url}/iceberg`;
      expect(idsIn(await python("read_catalog.py", uri, alice, CUSTOMERS))).toEqual(expected);
      expect(idsIn(await python("read_catalog.py", uri, alice, CUSTOMERS, "analytics"))).toEqual(expected);
      expect(idsIn(await python("read_catalog_duckdb.py", uri, alice, CUSTOMERS, "analytics"))).toEqual(
        expected,
      );
    });

    test.each(["pyiceberg", "duckdb"])(
      "let %s make and change a table with a token alone",
      async (engine) => {
        const lines = await python(
          "vended_write.py",
          engine,
          `${served.server.url}/iceberg`,
          dbt,
          "analytics",
        );
        expect(JSON.parse(lines[0]!)).toEqual({ ids: written });
        expect(await idsOf(`analytics.${engine}`)).toEqual(written);
      },
    );

    /** `rows`: a query. The catalogs are `writer`, and `reader`, whose warehouse is a share. */
    async function expectSql(engine: string, sql: Sql, rows: string): Promise<void> {
      const table = `writer.analytics.${engine}`;
      for (const statement of [`CREATE TABLE ${table} AS ${rows}`, `INSERT INTO ${table} ${rows}`])
        await sql(statement);
      await sql(`DELETE FROM ${table} WHERE id = 3`);
      const found = async (from: string): Promise<number[]> =>
        (await sql(`SELECT id FROM ${from}`)).rows.map(([id]) => Number(id)).sort((a, b) => a - b);
      expect(await found(table)).toEqual(written);
      expect(await idsOf(`analytics.${engine}`)).toEqual(written);
      expect(await found(`reader.${CUSTOMERS}`)).toEqual(expected);
    }

    test("let Spark do so, and read", async () => {
      const spark = await Spark.open();
      try {
        for (const [name, token, warehouse] of [
          ["writer", dbt],
          ["reader", alice, "analytics"],
        ] as const) {
          const settings = {
            "": "org.apache.iceberg.spark.SparkCatalog",
            ".type": "rest",
            ".uri": `${served.server.url}/iceberg`,
            ".token": token,
            ".header.X-Iceberg-Access-Delegation": "vended-credentials",
            ...(warehouse === undefined ? {} : { ".warehouse": warehouse }),
          };
          await spark.sql(
            ...Object.entries(settings).map(
              ([key, value]) => `SET \`spark.sql.catalog.${name}${key}\`=\`${value}\``,
            ),
          );
        }
        const rows = "SELECT id, concat('č ', id) AS name FROM range(10)";
        await expectSql(
          "spark",
          (statement) => spark.sql(statement.replace(/(CREATE TABLE \S+)/, "$1 USING iceberg")),
          rows,
        );
      } finally {
        await spark.close();
      }
    });

    test.runIf(hasTrino)("let Trino do so, and read", async () => {
      const url = `${served.server.url}/iceberg`;
      const properties = (token: string, ...more: string[]) => [
        "connector.name=iceberg",
        "iceberg.catalog.type=rest",
        `iceberg.rest-catalog.uri=${url}`,
        "iceberg.rest-catalog.security=OAUTH2",
        `iceberg.rest-catalog.oauth2.token=${token}`,
        "iceberg.rest-catalog.vended-credentials-enabled=true",
        "fs.native-s3.enabled=true",
        `s3.endpoint=${server.endpoint}`,
        "s3.region=us-east-1",
        "s3.path-style-access=true",
        ...more,
      ];
      const files = {
        "catalog/writer.properties": properties(dbt),
        "catalog/reader.properties": properties(alice, "iceberg.rest-catalog.warehouse=analytics"),
      };
      const environment = Object.fromEntries(Object.keys(server.environment).map((name) => [name, ""]));
      const trino = await Trino.open({ url, token: dbt }, { files, environment });
      try {
        const rows = "SELECT id, 'č ' || CAST(id AS VARCHAR) AS name FROM UNNEST(sequence(0, 9)) AS u(id)";
        await expectSql("trino", (statement) => trino.sql(statement), rows);
      } finally {
        await trino.close();
      }
    });

    test("reach one table's folder, and in it what they are for", async () => {
      const table = await served.catalog.create("analytics.reached", {
        schema: (await (await served.catalog.find("unified.orders"))!.snapshot()).schema,
      });
      await table.write(served.session, {
        mode: "append",
        query: "SELECT i AS order_id, 'x' AS note FROM range(3) r(i)",
      });
      const [folder, other] = [table.folder, (await served.catalog.find(CUSTOMERS))!.folder];
      const ofWriter = lakeBy((await load("analytics.reached", dbt)).config!);
      const ofReader = lakeBy((await load("analytics.reached", await served.token("erin"))).config!);

      for (const [who, store, write] of [
        ["reader", ofReader, "storage.denied"],
        ["writer", ofWriter, "done"],
      ] as const) {
        const tried = {
          readData: await outcome(store.get(await firstKey(`${folder}/data`))),
          readLog: await outcome(store.get(await firstKey(`${folder}/_delta_log`))),
          list: await outcome(store.list(`${folder}/`)[Symbol.asyncIterator]().next()),
          putData: await outcome(store.put(`${folder}/data/${who}.parquet`, "x")),
          putMetadata: await outcome(store.put(`${folder}/_iceberg/${who}.json`, "x", { ifAbsent: true })),
          putLog: await outcome(store.put(`${folder}/_delta_log/00000000000000000009.json`, "x")),
          changeLog: await outcome(store.put(await firstKey(`${folder}/_delta_log`), "x")),
          putBeside: await outcome(store.put(`${folder}/other`, "x")),
          putSibling: await outcome(store.put(`${folder}-2/data/x`, "x")),
          delete: await outcome(store.delete(await firstKey(`${folder}/data`))),
          readOther: await outcome(store.get(await firstKey(other))),
          putOther: await outcome(store.put(`${other}/data/x`, "x")),
          listOther: await outcome(store.list(`${other}/`)[Symbol.asyncIterator]().next()),
          listAll: await outcome(store.list("")[Symbol.asyncIterator]().next()),
          readState: await outcome(store.get(await firstKey("_onecopy"))),
        };
        const denied = "storage.denied";
        expect([who, tried]).toEqual([
          who,
          {
            ...Object.fromEntries(Object.keys(tried).map((name) => [name, denied])),
            readData: "done",
            readLog: "done",
            list: "done",
            putData: write,
            putMetadata: write,
          },
        ]);
      }
    });

    test("are not given where a share or a recipient may not read in the store", async () => {
      for (const [principal, warehouse] of [
        ["carol", "guarded"],
        ["alice", "guarded"],
        ["carol", undefined],
        ["fay", undefined],
        ["fay", "newest"],
        ["office", undefined],
      ] as const) {
        const token = await served.token(principal);
        const path = `/iceberg/v1/${warehouse === undefined ? "" : `${warehouse}/`}namespaces/unified/tables/customer_360`;
        const loaded = (await (await served.get(path, token, { headers: DELEGATION })).json()) as LoadedTable;
        expect([principal, loaded.config, loaded["storage-credentials"]]).toEqual([
          principal,
          undefined,
          undefined,
        ]);
        expect((await served.get(`${path}/credentials`, token)).status).toBe(403);
      }
      expect(
        (await served.get("/iceberg/v1/namespaces/unified/tables/customer_360/credentials", dbt)).status,
      ).toBe(404);
    });
  });
});
