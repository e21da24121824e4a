import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Catalog } from "../../src/catalog/index.ts";
import { openEngine } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { keyIn } from "../../src/table/index.ts";
import { startVersitygw } from "../../test/interop/storage/s3-server.ts";
import { versitygwPath } from "../../test/interop/storage/server.ts";

/**
 * Reading a table through a share, beside reading its files from the store: `npx tsx bench/bridge/read-share.ts [MB] [ROUNDS]`,
 * such as `1000 5`. The lake is in an S3 server on this machine (`bash scripts/object-stores.sh --versitygw` first), `onecopy serve`
 * is as it is built. Polars reads whole files, four at a time, by HTTP: `direct` at addresses that were signed beforehand
 * with the owner's keys, `share` at those that a query gave, which is part of the time, `strict share` through OneCopy. pandas reads
 * by delta-rs, and by the `delta-sharing` client. In turns; the fastest of the rounds counts.
 */
const [megabytes = 1000, rounds = 5] = process.argv.slice(2).map(Number);
const root = fileURLToPath(new URL("../..", import.meta.url));
const python = join(root, ".venv/bin/python");
const onecopy = join(root, "bin/onecopy");
if (!existsSync(python) || !existsSync(versitygwPath))
  throw new Error("Run scripts/python-env.sh and scripts/object-stores.sh --versitygw first.");

const BYTES_PER_ROW = 64;
const PARTS = 16;
const rows = Math.round((megabytes * 1e6) / BYTES_PER_ROW);
const columns = Array.from({ length: 8 }, (_, i) => `(hash(i, ${i}) >> 1)::BIGINT AS c${i}`).join(", ");

const folder = await mkdtemp(join(tmpdir(), "onecopy-bench-read-"));
const server = await startVersitygw();
try {
  const environment = server.environment;
  Object.assign(process.env, environment);
  const lake = server.newAddress();
  const configuration = `name: bench
lake: ${lake}
state: ./state
shares:
  plain: { tables: [bench.t], recipients: [reader] }
  guarded: { tables: [bench.t], recipients: [reader], strict: true }
`;
  await writeFile(join(folder, "onecopy.yaml"), configuration);
  const { urls, address } = await makeTable(lake);
  run("apply", "-m", "bench");
  const serving = spawn(process.execPath, [onecopy, "serve", "--project", folder, "--port", "0", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [started] = (await once(serving.stdout, "data")) as [Buffer];
  const { url } = JSON.parse(started.toString()) as { url: string };
  const profile = join(folder, "reader.share");
  run("recipient", "profile", "reader", "--out", profile, "--endpoint", url);
  const s3 = { address, keys: environment, urls };
  const shares = { share: "plain.bench.t", "strict share": "guarded.bench.t" };
  console.log(`${rows} rows, ${urls.length} files, best of ${rounds}`);
  for (const client of ["polars", "pandas"])
    show(client, measure({ client, rounds, rows, s3, profile, shares }));
  serving.kill();
  await once(serving, "exit");
} finally {
  await server.stop();
  await rm(folder, { recursive: true });
}

/** Where it is, and the addresses of its files, signed with the owner's keys. */
async function makeTable(lake: string): Promise<{ readonly address: string; readonly urls: string[] }> {
  const engine = await openEngine({ spillFolder: join(folder, "spill"), memoryLimit: "2GB" });
  const session = await engine.session();
  const catalog = await Catalog.open(openStore(lake));
  const query = `SELECT ${columns} FROM range(${rows}) r(i)`;
  const schema = schemaOf(await session.describe(query));
  const table = await catalog.create("bench.t", { schema });
  for (let part = 0; part < PARTS; part++)
    await table.write(session, {
      mode: "append",
      query: `SELECT ${columns} FROM range(${share(part)}, ${share(part + 1)}) r(i)`,
    });
  const { store, folder: at, files } = await table.snapshot();
  const presigner = store.lending!.presigner(3600)!;
  const urls = [...files].map(({ path }) => presigner.url(keyIn(at, path)));
  session.close();
  await engine.close();
  return { urls, address: store.locate(at) };
}

function share(part: number): number {
  return Math.round((rows * part) / PARTS);
}

type Seconds = Readonly<Record<string, readonly number[]>>;

function measure(task: object): Seconds {
  const script = join(root, "bench/bridge/read-share.py");
  const { status, stdout, stderr } = spawnSync(python, ["-W", "ignore", script], {
    encoding: "utf8",
    input: JSON.stringify(task),
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Seconds;
}

function show(client: string, seconds: Seconds): void {
  const direct = Math.min(...seconds["direct"]!);
  for (const [way, all] of Object.entries(seconds)) {
    const best = Math.min(...all);
    const ratio = (best / direct).toFixed(3);
    console.log(
      `${client.padEnd(7)} ${way.padEnd(25)} ${best.toFixed(2).padStart(7)} s  ${ratio.padStart(6)} × direct`,
    );
  }
}

function run(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [onecopy, ...args, "--project", folder], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
}
