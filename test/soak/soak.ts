import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { issueToken } from "../../src/access/index.ts";
import { systemClock } from "../../src/base/index.ts";
import { writeProfileFile } from "../../src/bridge/index.ts";
import { Catalog } from "../../src/catalog/index.ts";
import { applyRevision, openProject } from "../../src/project/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { serve } from "../cli/command.ts";
import { LineProcess } from "../interop/line-process.ts";
import { bundleProcess } from "../process.ts";
import { breakOff, guestLife } from "./guest.ts";
import { Memory, healthOf, settled } from "./health.ts";
import { BATCH_ROWS, type SeenBatch, SUMMED, Truth } from "./truth.ts";

/*
`npm run test:soak -- [--seconds 600]`: for so long, on one workspace and through one `onecopy serve`, writers (OneCopy, PyIceberg
through the catalog, delta-rs), compaction, vacuum and runs, mounts of the share and of the catalog, sharing clients, catalog
clients, recipients that come and are revoked, and clients that break off. Closes with the line `N passed, N failed`.
*/

const { values } = parseArgs({ options: { seconds: { type: "string", default: "600" } } });
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new Error(`--seconds must be more than 0, found ${values.seconds}.`);

/** A process may hold this much more at the end than early on: a growth by half of it would be seen within an hour. */
const GROWTH_MB = 64;
/** Memory is judged from here on: before that, caches and the compiler fill it. */
const JUDGED_SECONDS = 300;
/** The oldest go: the table stays as large as this. */
const KEPT_BATCHES = 60;

const root = fileURLToPath(new URL("../..", import.meta.url));
const TABLE = "shop.events";
const base = await mkdtemp(join(tmpdir(), "onecopy-soak-"));
const [provider, consumer, temporary] = ["provider", "consumer", "temporary"].map((name) => join(base, name));
const failures: string[] = [];
const figures = new Map<string, number>();
const count = (what: string, by = 1): void => void figures.set(what, (figures.get(what) ?? 0) + by);

let passed = 0;
let failed = 0;
function check(what: string, wrong: readonly string[]): void {
  if (wrong.length === 0) passed += 1;
  else failed += 1;
  console.log(`${wrong.length === 0 ? "✓" : "✗"} ${what}`);
  for (const line of wrong.slice(0, 20)) console.log(`    ${line}`);
}

for (const folder of [provider!, consumer!, temporary!]) await mkdir(folder);
await writeFile(
  join(provider!, "onecopy.yaml"),
  `name: soak\nlake: ./lake\nshares:\n  soak: { tables: [${TABLE}], recipients: [reader, guest] }\nrecipients:\n  engine: { writes: [shop] }\n`,
);
const project = await openProject(provider!);
const note = { author: "soak", message: "", clock: systemClock };
await applyRevision(project.state, project.config, note);
const table = await (
  await Catalog.open(project.lake)
).create(TABLE, {
  schema: schemaOf(["batch", "k", "v", "touched"].map((name) => ({ name, type: "BIGINT" }))),
  properties: {
    "delta.deletedFileRetentionDuration": "interval 2 minutes",
    "delta.logRetentionDuration": "interval 4 minutes",
    "history.expire.max-snapshot-age-ms": "120000",
  },
});

const server = await serve(provider!, { TMPDIR: temporary! });
const expiresAt = new Date(Date.now() + (seconds + 3600) * 1000);
const tokenOf = (principal: string) =>
  issueToken(project.state, { principal, kind: "recipient", expiresAt }, systemClock);
const [reader, engine] = [await tokenOf("reader"), await tokenOf("engine")];
const endpoint = `${server.url}/delta-sharing/`;
const [bearerFile, oauthFile] = [join(consumer!, "bearer.share"), join(consumer!, "oauth.share")];
await writeProfileFile(bearerFile, { endpoint, token: reader, expiresAt });
await writeProfileFile(oauthFile, { endpoint, token: reader, expiresAt, clientId: "reader" });
// The share by ranges and signed addresses, the catalog by its own table metadata.
const mounts = {
  shared: {
    delta_sharing: { profile: "file:oauth.share", table: `soak.${TABLE}` },
    tags: { batch: "customer_key" },
  },
  catalogued: {
    iceberg_catalog: {
      uri: `${server.url}/iceberg`,
      table: TABLE,
      warehouse: "soak",
      credential: "env:CREDENTIAL",
    },
    tags: { batch: "customer_key" },
  },
};
await writeFile(
  join(consumer!, "onecopy.yaml"),
  `name: consumer\nlake: ./lake\nsources: ${JSON.stringify(mounts)}\n`,
);
const consuming = await openProject(consumer!);
await applyRevision(consuming.state, consuming.config, note);

const [writerProgram, mountProgram] = [
  await bundleProcess("test/soak/writer-process.ts"),
  await bundleProcess("test/soak/mount-process.ts"),
];
const catalogUri = `${server.url}/iceberg`;
const environment = { TMPDIR: temporary!, BATCH_ROWS: String(BATCH_ROWS), SUMMED };
const python = (kind: string, ...args: string[]) =>
  new LineProcess(
    `${root}.venv/bin/python`,
    ["-W", "ignore", `${root}test/soak/client.py`, kind, ...args],
    environment,
  );
const mounted = new LineProcess(process.execPath, [mountProgram, consumer!], {
  ...environment,
  CREDENTIAL: `reader:${reader}`,
});
const own = new LineProcess(
  process.execPath,
  [writerProgram, provider!, TABLE, join(base, "spill")],
  environment,
);
const lake = table.store.locate(table.folder);
const appenders: readonly (readonly [string, LineProcess])[] = [
  ["PyIceberg", python("catalog-append", catalogUri, `engine:${engine}`, TABLE)],
  ["delta-rs", python("delta-append", lake)],
];
const readers: readonly (readonly [string, LineProcess])[] = [
  ["delta-sharing client, format delta", python("sharing-delta", bearerFile, `soak.${TABLE}`)],
  ["delta-sharing client, format parquet, OAuth", python("sharing-parquet", oauthFile, `soak.${TABLE}`)],
  ["PyIceberg, OAuth", python("catalog", catalogUri, `reader:${reader}`, TABLE, "soak")],
  ["DuckDB by the catalog", python("duckdb", catalogUri, reader, TABLE, "soak")],
];

const truth = new Truth();
let isOver = false;
const untilMs = performance.now() + seconds * 1000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Again and again until the time is over; what goes wrong is a failure, and ends nothing. */
async function again(what: string, pauseMs: number, work: () => Promise<void>): Promise<void> {
  while (!isOver && performance.now() < untilMs) {
    await work().catch((error: unknown) => void failures.push(`${what}: ${String(error)}`));
    await pause(pauseMs);
  }
}

interface Answer {
  readonly seen?: readonly SeenBatch[];
  readonly error?: string;
}

async function ask(who: string, process: LineProcess, request: object): Promise<Answer> {
  const answer = (await process.ask(request)) as Answer;
  if (answer.error !== undefined) throw new Error(`${who}: ${answer.error.slice(-1500)}`);
  return answer;
}

const wrongRows: string[] = [];
async function read(who: string, process: LineProcess, request = {}): Promise<void> {
  const begunMs = performance.now();
  const { seen } = await ask(who, process, request);
  const endedMs = performance.now();
  for (const wrong of truth.wrong(seen!, begunMs, endedMs)) wrongRows.push(`${who}: ${wrong}`);
  count(`reads: ${who}`);
}

async function append(who: string, process: LineProcess): Promise<void> {
  const batch = truth.begin();
  await ask(who, process, process === own ? { do: "append", batch } : { batch });
  truth.written(batch);
  count(`batches written: ${who}`);
}

/** The owner's own work, one after the other. */
let turn = 0;
async function upkeep(): Promise<void> {
  turn += 1;
  await append("OneCopy", own);
  const batch = truth.some();
  if (turn % 3 === 0 && batch !== undefined) {
    await ask("OneCopy", own, { do: "touch", batch });
    count("batches merged into: OneCopy");
  }
  const old = turn % 5 === 0 ? truth.removing(KEPT_BATCHES) : [];
  if (old.length > 0) {
    await ask("OneCopy", own, { do: "remove", batches: old });
    truth.removed(old);
    count("batches removed: OneCopy", old.length);
  }
  for (const [every, work] of [
    [10, "compact"],
    [15, "vacuum"],
    [25, "run"],
  ] as const)
    if (turn % every === 0) {
      await ask("OneCopy", own, { do: work });
      count(`upkeep: ${work}`);
    }
}

async function mountsRead(): Promise<void> {
  await read("mount of the share", mounted, { mount: "shared" });
  await read("mount of the catalog", mounted, { mount: "catalogued" });
}

/** Everybody reads, and sees what is there. */
async function everybodyReads(): Promise<void> {
  for (const [who, process] of readers) await read(who, process);
  await mountsRead();
}

const idleServer = await healthOf(server.pid, base);
const idleMount = await healthOf(mounted.pid, base);
const [serverMemory, mountMemory] = [new Memory(), new Memory()];
const watch = async (): Promise<void> => {
  while (!isOver) {
    serverMemory.add(await healthOf(server.pid, base));
    mountMemory.add(await healthOf(mounted.pid, base));
    await pause(1000);
  }
};

try {
  console.log(`A soak of ${seconds} s in ${base}`);
  await append("OneCopy", own);
  const watching = watch();
  await Promise.all([
    again("OneCopy", 100, upkeep),
    ...appenders.map(([who, process]) => again(who, 500, () => append(who, process))),
    ...readers.map(([who, process]) => again(who, 300, () => read(who, process))),
    again("mounts", 300, mountsRead),
    again("guest", 500, async () => {
      for (const wrong of await guestLife(project, server.url)) failures.push(`guest: ${wrong}`);
      count("recipients that came and were revoked");
    }),
    again("clients that break off", 400, async () => {
      await breakOff(server.url, reader);
      count("clients that broke off");
    }),
  ]);
  await everybodyReads();
  isOver = true;
  await watching;
} catch (error) {
  // What nobody can go on after.
  failures.push(String(error));
}
isOver = true;
for (const [, process] of [...appenders, ...readers]) await process.close();
await own.close();

for (const [what, n] of [...figures].sort(([a], [b]) => a.localeCompare(b)))
  console.log(`  ${String(n).padStart(6)} ${what}`);
const ofMemory = (what: string, memory: Memory): string =>
  `${what}: ${memory.mean(0.2, 0.4).toFixed(0)} MB early on, ${memory.mean(0.8, 1).toFixed(0)} MB at the end, ${memory.most.toFixed(0)} MB at most`;
console.log(`  ${ofMemory("memory of the server", serverMemory)}`);
console.log(`  ${ofMemory("memory of the process with the mounts", mountMemory)}`);

check("nobody saw a wrong row", wrongRows);
check("no read and no write failed, and who was revoked got nothing a second later", failures);
const lines = server
  .log()
  .split("\n")
  .filter((line) => line !== "");
check("the server had nothing to complain about", lines);
const grown = (memory: Memory): string[] =>
  memory.mean(0.8, 1) - memory.mean(0.2, 0.4) > GROWTH_MB ? ["it grew"] : [];
if (seconds >= JUDGED_SECONDS) {
  check(ofMemory("the server's memory does not grow", serverMemory), grown(serverMemory));
  check(ofMemory("the memory of mounts does not grow", mountMemory), grown(mountMemory));
}
for (const [what, pid, idle] of [
  ["the server", server.pid, idleServer],
  ["the process with the mounts", mounted.pid, idleMount],
] as const) {
  // Connections that are kept for the next request end by themselves after a minute.
  const isEnough = (now: typeof idle) => now.sockets <= idle.sockets && now.files.length <= idle.files.length;
  const now = await settled(pid, base, isEnough, 120_000);
  const open = now.files.filter((file) => !idle.files.includes(file)).map((file) => `open: ${file}`);
  check(`${what} holds no file open`, now.files.length <= idle.files.length ? [] : open);
  check(
    `${what} holds no connection open`,
    now.sockets <= idle.sockets ? [] : [`${now.sockets} sockets, before the load ${idle.sockets}`],
  );
}
await mounted.close();
const code = await server.stop();
check("the server ends when it is asked to", code === 0 ? [] : [`exit code ${code}`]);
const left = await readdir(temporary!, { recursive: true, withFileTypes: true });
check(
  "no temporary file is left",
  left.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name)),
);
if (failed === 0) await rm(base, { recursive: true });
else console.log(`What was left is in ${base}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
