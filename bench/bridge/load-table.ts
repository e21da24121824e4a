import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { HttpConnection } from "./http-connection.ts";

/**
 * `loadTable` of an Iceberg REST catalog: `npx tsx bench/bridge/load-table.ts [TABLES] [SECONDS] [ROUNDS] [CONNECTIONS]`, such as `1000 10 3 32`. Ours, with
 * authentication and the log of accesses as always and the lake on this disk, and beside it, in turns, Iceberg's own reference catalog (SQLite on this disk, no
 * authentication). Each gets TABLES tables by REST; then CONNECTIONS connections load tables at random while one more commits to one
 * of them 10 times a second, and loads it after each commit: an answer without that commit is an error. The best of the rounds counts.
 * Where others use the machine, too, the processor time tells most.
 */
const [tables = 1000, seconds = 10, rounds = 3, connections = 32] = process.argv.slice(2).map(Number);
const commitEveryMs = 100;
const root = fileURLToPath(new URL("../..", import.meta.url));
const jars = join(root, ".cache/rck/jars");
if (!existsSync(jars))
  throw new Error("Run scripts/rck-env.sh first: the reference catalog is installed by it.");

interface Served {
  readonly url: string;
  readonly token?: string;
  readonly process: ChildProcess;
}

interface Measured {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Processor time of the server, for a load. */
  readonly cpuUs: number;
  readonly commits: number;
}

const folder = await mkdtemp(join(tmpdir(), "onecopy-bench-load-"));
const servers = new Map<string, Served>();
try {
  servers.set("onecopy", await startOurs());
  servers.set("reference", await startReference());
  for (const [name, server] of servers) {
    const started = performance.now();
    await makeTables(server);
    console.log(`${name}: ${tables} tables made in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  const best = new Map<string, Measured>();
  for (let round = 0; round < rounds; round++)
    for (const [name, server] of servers) {
      const measured = await measure(server);
      if (measured.perSecond > (best.get(name)?.perSecond ?? 0)) best.set(name, measured);
    }
  const peer = best.get("reference")!;
  for (const [name, { perSecond, medianMs, p99Ms, cpuUs, commits }] of best)
    console.log(
      `${name.padEnd(10)} ${perSecond.toFixed(0).padStart(6)} loads/s  median ${medianMs.toFixed(1).padStart(5)} ms  p99 ${p99Ms.toFixed(1).padStart(6)} ms  ${cpuUs.toFixed(0).padStart(4)} µs of processor time each  ${commits} commits` +
        `  (${(perSecond / peer.perSecond).toFixed(2)} × reference, p99 ${(p99Ms / peer.p99Ms).toFixed(2)} ×)`,
    );
} finally {
  for (const { process: child } of servers.values()) child.kill();
  await rm(folder, { recursive: true, force: true });
}

async function startOurs(): Promise<Served> {
  await mkdir(join(folder, "lake"));
  await writeFile(join(folder, "onecopy.yaml"), "name: bench\nlake: ./lake\n");
  const script = join(root, "bench/bridge/load-table-server.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return { ...(JSON.parse(text) as { url: string; token: string }), process: child };
}

async function startReference(): Promise<Served> {
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const classPath = (await readdir(jars)).map((name) => join(jars, name)).join(":");
  const args = [
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
    "-cp",
    classPath,
    "org.apache.iceberg.rest.RESTCatalogServer",
  ];
  const child = spawn("java", args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      CATALOG_REST_PORT: String(port),
      CATALOG_WAREHOUSE: join(folder, "reference"),
      CATALOG_URI: `jdbc:sqlite:${join(folder, "reference.db")}?journal_mode=WAL&busy_timeout=5000`,
      CATALOG_JDBC_USER: "user",
      CATALOG_JDBC_PASSWORD: "password",
    },
  });
  const server = { url: `http://127.0.0.1:${port}`, process: child };
  for (let tries = 0; tries < 100; tries++) {
    const answer = await fetch(`${server.url}/v1/config`).catch(() => undefined);
    if (answer?.status === 200) return server;
    await sleep(200);
  }
  throw new Error("the reference catalog did not start");
}

function tablePath(number: number): string {
  return `/v1/namespaces/bench/tables/t${number}`;
}

async function makeTables(server: Served): Promise<void> {
  const connection = await HttpConnection.open(server.url, server.token);
  await connection.expectOk("POST", "/v1/namespaces", { namespace: ["bench"] });
  const fields = ["id", "name", "email", "city", "amount"].map((name, i) => ({
    id: i + 1,
    name,
    type: i === 0 ? "long" : "string",
    required: false,
  }));
  for (let number = 0; number < tables; number++)
    await connection.expectOk("POST", "/v1/namespaces/bench/tables", {
      name: `t${number}`,
      schema: { type: "struct", "schema-id": 0, fields },
    });
  connection.close();
}

async function measure(server: Served): Promise<Measured> {
  const tookMs: number[] = [];
  const opened = Array.from({ length: connections + 1 }, () => HttpConnection.open(server.url, server.token));
  const [committer, ...loaders] = await Promise.all(opened);
  const before = cpuMs(server.process);
  const end = performance.now() + 1000 * seconds;
  let commits = 0;
  const load = async (connection: HttpConnection): Promise<void> => {
    while (performance.now() < end) {
      const started = performance.now();
      await connection.expectOk("GET", tablePath(Math.floor(Math.random() * tables)));
      tookMs.push(performance.now() - started);
    }
  };
  const commit = async (connection: HttpConnection): Promise<void> => {
    while (performance.now() < end) {
      const path = tablePath(commits % Math.min(tables, 10));
      const said = `commit ${process.hrtime.bigint()}`;
      const updates = [{ action: "set-properties", updates: { said } }];
      await connection.expectOk("POST", path, { requirements: [], updates });
      const seen = await connection.expectOk("GET", path);
      if (!seen.includes(said))
        throw new Error(`${server.url} answered without a commit that it had acknowledged`);
      commits++;
      await sleep(commitEveryMs);
    }
  };
  await Promise.all([...loaders.map(load), commit(committer!)]);
  for (const connection of [committer!, ...loaders]) connection.close();
  tookMs.sort((a, b) => a - b);
  const at = (share: number): number => tookMs[Math.floor(share * (tookMs.length - 1))]!;
  const cpuUs = (1000 * (cpuMs(server.process) - before)) / tookMs.length;
  return { perSecond: tookMs.length / seconds, medianMs: at(0.5), p99Ms: at(0.99), cpuUs, commits };
}

/** Of all its threads until now; proc(5): fields 14 and 15, in hundredths of a second. */
function cpuMs({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}
