import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeTable } from "../table/snapshot-table.ts";

/**
 * A Delta Sharing query of a table of many files: `npx tsx bench/bridge/sharing.ts [FILES] [ROUNDS]`, such as
 * `100000 3`. The table has FILES in its checkpoint and 100 commits since then. Each round starts a server, with
 * authentication as always, and asks twice: `first` has the log to read, `again` has not; bytes are counted and thrown
 * away. Beside it, in turns, delta-rs opens the table and writes its add actions as JSON lines (to nowhere), twice.
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

const folder = await mkdtemp(join(tmpdir(), "onecopy-bench-sharing-"));
try {
  await mkdir(join(folder, "lake"), { recursive: true });
  await writeFile(join(folder, "onecopy.yaml"), "name: bench\nlake: ./lake\n");
  const { expected } = await makeTable(join(folder, "lake/bench"), files, 100);
  let [ours, theirs]: [Measured | undefined, Measured | undefined] = [undefined, undefined];
  let heads: readonly Asked[] = [];
  for (let round = 0; round < rounds; round++) {
    const { asked, ...measured } = await byOneCopy();
    const peer = byDeltaRs();
    if (measured.files !== expected.files || peer.files !== expected.files)
      throw new Error(`found ${measured.files} and ${peer.files} files, expected ${expected.files}`);
    if (measured.first + measured.again < (ours === undefined ? Infinity : ours.first + ours.again))
      [ours, heads] = [measured, asked];
    if (peer.first + peer.again < (theirs === undefined ? Infinity : theirs.first + theirs.again))
      theirs = peer;
  }
  console.log(`${expected.files} files, best of ${rounds}`);
  show("onecopy", ours!, ours!);
  show("delta-rs", theirs!, ours!);
  const [first, again] = heads;
  console.log(
    `first line ${ms(first!.head)} ms with the log to read, ${ms(again!.head)} ms without; ${(again!.bytes / 1e6).toFixed(0)} MB a listing`,
  );
} finally {
  await rm(folder, { recursive: true });
}

function show(name: string, { first, again, peakMb }: Measured, own: Measured): void {
  const column = (seconds: number, beside: number): string =>
    `${seconds.toFixed(3).padStart(8)} s ${(seconds / beside).toFixed(2).padStart(6)} × onecopy`;
  console.log(
    `${name.padEnd(10)} first ${column(first, own.first)}   again ${column(again, own.again)}   ${peakMb.toFixed(0).padStart(5)} MB at most`,
  );
}

function ms(seconds: number): string {
  return (seconds * 1000).toFixed(0);
}

async function byOneCopy(): Promise<Measured & { readonly asked: readonly Asked[] }> {
  const script = join(root, "bench/bridge/sharing-server.ts");
  const server = fork(script, [folder, "bench/t"], { execArgv: ["--import", "tsx"], silent: true });
  server.stderr!.pipe(process.stderr);
  try {
    const { url, token } = JSON.parse(await firstLine(server)) as { url: string; token: string };
    const asked = [await ask(url, token), await ask(url, token)];
    server.send("peak");
    const [{ peakMb }] = (await once(server, "message")) as [{ peakMb: number }];
    return { files: asked[0]!.files, first: asked[0]!.all, again: asked[1]!.all, peakMb, asked };
  } finally {
    server.kill();
  }
}

async function firstLine(server: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of server.stdout!) {
    text += String(chunk);
    if (text.includes("\n")) return text;
  }
  throw new Error("the server ended");
}

async function ask(url: string, token: string): Promise<Asked> {
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

function byDeltaRs(): Measured {
  const args = [join(root, "bench/bridge/sharing.py"), join(folder, "lake/bench/t")];
  const { status, stdout, stderr } = spawnSync(python, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measured;
}
