import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type Installation,
  type Warehouse,
  filesOf,
  installationOf,
  recipes,
  writeProfileFile,
} from "../../../src/bridge/index.ts";
import { SHARES, type ServedProject, servedProject } from "../../bridge/served-project.ts";
import { Spark } from "../spark/spark.ts";
import { Trino, hasTrino } from "../trino/trino.ts";

// What `onecopy bridge connect` prints is taken as it stands and executed; the check then says ok, and after a commit it does not.

const python = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));
const duckdbScript = fileURLToPath(new URL("run_duckdb.py", import.meta.url));
const ok = [
  ["unified.customer_360", "ok"],
  ["unified.orders", "ok"],
];
const changed = [
  ["unified.customer_360", "ok"],
  ["unified.orders", "other rows"],
];

let served: ServedProject;
let installation: Installation;
let token: string;

beforeAll(async () => {
  served = await servedProject({ lake: "./lake" });
  token = await served.token("alice");
  const { project, catalog, session, server } = served;
  installation = await installationOf({
    project: "acme",
    trinoName: "acme",
    lake: project.lake,
    catalog,
    session,
    share: "analytics",
    recipient: "alice",
    address: new URL(server.url),
    tables: SHARES["analytics"]!.tables,
  });
});
afterAll(() => served.close());

/** A folder with the files of a recipe, and the profile file that its first step makes. */
async function written(warehouse: Warehouse): Promise<string> {
  const folder = join(served.folder, warehouse);
  await mkdir(folder);
  for (const { name, text } of filesOf(recipes[warehouse](installation)))
    await writeFile(join(folder, name), text);
  const endpoint = `${served.server.url}/delta-sharing/`;
  const expiresAt = new Date(Date.now() + 3_600_000);
  await writeProfileFile(join(folder, "onecopy.share"), { endpoint, token, expiresAt });
  return folder;
}

/** By the table's name: engines give the parts of a union as they come. */
function inOrder<Row extends readonly unknown[]>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
}

async function run(folder: string, ...args: string[]): Promise<{ code: number; stdout: string }> {
  return await promisify(execFile)(python, ["-W", "ignore", ...args], { cwd: folder }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: error.stdout + error.stderr,
    }),
  );
}

/** Something else than the check expects: one row more, and back. */
async function withAnotherRow(work: () => Promise<void>): Promise<void> {
  const orders = (await served.catalog.find("unified.orders"))!;
  await orders.write(served.session, {
    mode: "append",
    query: "SELECT 77::BIGINT AS order_id, 'more' AS note",
  });
  try {
    await work();
  } finally {
    await orders.delete(served.session, { where: "order_id = 77" });
  }
}

test("pandas", async () => {
  const folder = await written("pandas");
  expect((await run(folder, "onecopy.py")).stdout).toContain("[5 rows x");
  const lines = (state: string): string =>
    `analytics.unified.customer_360 ok\nanalytics.unified.orders ${state}\n`;
  expect(await run(folder, "check.py")).toEqual({ code: 0, stdout: lines("ok") });
  await withAnotherRow(async () => {
    expect(await run(folder, "check.py")).toEqual({ code: 1, stdout: lines("other rows than version 1") });
  });
});

test("DuckDB", async () => {
  const folder = await written("duckdb");
  const check = async (): Promise<unknown> =>
    JSON.parse((await run(folder, duckdbScript, token, "onecopy.sql", "check.sql")).stdout);
  expect(await check()).toEqual(ok);
  await withAnotherRow(async () => expect(await check()).toEqual(changed));
});

test("Spark", async () => {
  const folder = await written("spark");
  const spark = await Spark.open();
  try {
    const lines = (await readFile(join(folder, "spark-defaults.conf"), "utf8")).trim().split("\n");
    // The session has Iceberg's extensions, which are set before it starts.
    const settings = lines.filter((line) => !line.startsWith("spark.sql.extensions"));
    const sets = settings.map((line) => line.replace(/^(\S+) (.*)$/, "SET `$1`=`$2`"));
    await spark.sql(...sets, `SET \`spark.sql.catalog.acme.token\`=\`${token}\``);
    const text = await readFile(join(folder, "check.sql"), "utf8");
    const check = async (): Promise<unknown> =>
      inOrder((await spark.sql(text.trim().replace(/;$/, ""))).rows);
    expect(await check()).toEqual(ok);
    await withAnotherRow(async () => expect(await check()).toEqual(changed));
  } finally {
    await spark.close();
  }
});

test.skipIf(!hasTrino)("Trino (skipped where scripts/trino-env.sh did not install it)", async () => {
  const folder = await written("trino");
  const properties = await readFile(join(folder, "acme.properties"), "utf8");
  const trino = await Trino.open(
    { url: `${served.server.url}/iceberg`, token },
    { files: { "catalog/acme.properties": properties.split("\n") }, environment: { ONECOPY_TOKEN: token } },
  );
  try {
    const text = await readFile(join(folder, "check.sql"), "utf8");
    const check = async (): Promise<unknown> => (await trino.sql(text.trim().replace(/;$/, ""))).rows;
    expect(await check()).toEqual(ok);
    await withAnotherRow(async () => expect(await check()).toEqual(changed));
  } finally {
    await trino.close();
  }
});
