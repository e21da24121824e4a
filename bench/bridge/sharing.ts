import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { Catalog } from "../../src/catalog/index.ts";
import { openStore } from "../../src/storage/index.ts";
import { makeTable } from "../table/snapshot-table.ts";

/**
 * A Delta Sharing query of a table of many files: `npx tsx bench/bridge/sharing.ts [FILES] [ROUNDS]`, such as
 * `100000 3`. The table has FILES in its checkpoint and 100 commits since then. Each round starts `onecopy serve`
 * as it is built (`npm run build` first), and asks twice: `first` has the log to read, `again` has not; bytes are counted and thrown
 * away. Beside it, in turns, delta-rs opens the table and writes its add actions as JSON lines (to nowhere), twice:
 * by pandas, and by Polars, whose writer is in Rust. Neither signs anything: its lines have 0.4 kB, ours 1 kB.
 * The fastest of the rounds counts. Memory is the most that the process ever had.
 */
const [files = 100_000, rounds = 3] = process.argv.slice(2).map(Number);
const root = fileURLToPath(new URL("../..", import.meta.url));
const python = join(root, ".venv/bin/python");
if (!existsSync(python)) throw new Error("Run scripts/python-env.sh first: delta-rs is installed by it.");

interface Asked {
  readonly files: number;
  readonly bytes: number;
  /** Seconds until the first line, and until the last one. */
  readonly head: number;
  readonly all: number;
}

interface Measured {
  readonly files: number;
  readonly first: number;
  readonly again: number;
  readonly peakMb: number;
}

const onecopy = join(root, "bin/onecopy");
const configuration =
  "name: bench\nlake: ./lake\nshares:\n  bench: { tables: [bench.t], recipients: [reader] }\n";
let token = "";
const folder = await mkdtemp(join(tmpdir(), "onecopy-bench-sharing-"));
try {
  await mkdir(join(folder, "lake"), { recursive: true });
  await writeFile(join(folder, "onecopy.yaml"), configuration);
  const { expected } = await makeTable(join(folder, "lake/bench"), files, 100);
  await (await Catalog.open(openStore(join(folder, "lake")))).register("bench.t", "bench/t");
  run("apply", "-m", "bench");
  run("recipient", "profile", "reader", "--out", join(folder, "reader.share"));
  const profile = JSON.parse(await readFile(join(folder, "reader.share"), "utf8")) as { bearerToken: string };
  token = profile.bearerToken;
  const best = new Map<string, Measured>();
  let heads: readonly Asked[] = [];
  for (let round = 0; round < rounds; round++)
    for (const client of ["onecopy", "delta-rs, pandas", "delta-rs, Polars"]) {
      const measured =
        client === "onecopy" ? await byOneCopy() : byDeltaRs(client.split(" ")[1]!.toLowerCase());
      if (measured.files !== expected.files)
        throw new Error(`${client} found ${measured.files} files, expected ${expected.files}`);
      const before = best.get(client);
      if (before !== undefined && before.first + before.again <= measured.first + measured.again) continue;
      best.set(client, measured);
      if ("asked" in measured) heads = measured.asked as readonly Asked[];
    }
  console.log(`${expected.files} files, best of ${rounds}`);
  for (const [client, measured] of best) show(client, measured, best.get("onecopy")!);
  const [first, again] = heads;
  console.log(
    `first line after ${ms(first!.head)} ms with the log to read, ${ms(again!.head)} ms without; ${(again!.bytes / 1e6).toFixed(0)} MB a listing`,
  );
} finally {
  await rm(folder, { recursive: true });
}

function show(name: string, { first, again, peakMb }: Measured, own: Measured): void {
  const column = (seconds: number, beside: number): string =>
    `${seconds.toFixed(3).padStart(8)} s ${(seconds / beside).toFixed(2).padStart(6)} × onecopy`;
  console.log(
    `${name.padEnd(17)} first ${column(first, own.first)}   again ${column(again, own.again)}   ${peakMb.toFixed(0).padStart(5)} MB at most`,
  );
}

function ms(seconds: number): string {
  return (seconds * 1000).toFixed(0);
}

/** The product as its users start it: `onecopy serve`, built, and a recipient's profile file. */
async function byOneCopy(): Promise<Measured & { readonly asked: readonly Asked[] }> {
  const server = spawn(process.execPath, [onecopy, "serve", "--project", folder, "--port", "0"]);
  server.stderr.pipe(process.stderr);
  try {
    const url = await addressOf(server);
    const asked = [await ask(url), await ask(url)];
    const peakKb = /VmHWM:\s*(\d+) kB/.exec(await readFile(`/proc/${server.pid}/status`, "utf8"))?.[1];
    return {
      files: asked[0]!.files,
      first: asked[0]!.all,
      again: asked[1]!.all,
      peakMb: Number(peakKb) / 1024,
      asked,
    };
  } finally {
    server.kill();
    await once(server, "exit");
  }
}

async function addressOf(server: ChildProcessByStdio<Writable, Readable, Readable>): Promise<string> {
  let text = "";
  for await (const chunk of server.stdout) {
    text += String(chunk);
    const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
    if (found !== undefined) return found;
  }
  throw new Error(`the server ended: ${text}`);
}

function run(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [onecopy, ...args, "--project", folder], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
}

async function ask(url: string): Promise<Asked> {
  const started = performance.now();
  const passed = (): number => (performance.now() - started) / 1000;
  const response = await fetch(`${url}/delta-sharing/shares/bench/schemas/bench/tables/t/query`, {
    method: "POST",
    body: "{}",
    headers: { authorization: `Bearer ${token}`, "delta-sharing-capabilities": "responseformat=delta" },
  });
  if (response.status !== 200) throw new Error(await response.text());
  let [lines, bytes, head] = [0, 0, 0];
  for await (const chunk of response.body!) {
    head ||= passed();
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  }
  return { files: lines - 2, bytes, head, all: passed() };
}

function byDeltaRs(writer: string): Measured {
  const args = [join(root, "bench/bridge/sharing.py"), join(folder, "lake/bench/t"), writer];
  const { status, stdout, stderr } = spawnSync(python, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measured;
}
