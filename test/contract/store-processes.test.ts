import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../src/storage/index.ts";
import { bodyOf, increment, keys } from "./store-use.ts";

// What only real processes show: nothing that lives in one process's memory can make these pass.

let folder: string;
const children: Child[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-store-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  await rm(folder, { recursive: true });
});

test("of 50 put-if-absent of one key by 5 processes, one wins, and its bytes stay", async () => {
  const started = await Promise.all(Array.from({ length: 5 }, () => start("put-if-absent", 10)));
  const outcomes = (await Promise.all(started.map(finish))).flatMap((output) => output.trim().split("\n"));
  expect(outcomes).toHaveLength(50);
  const winners = outcomes.filter((line) => line.startsWith("written "));
  expect(winners).toHaveLength(1);
  expect(outcomes.filter((line) => line.startsWith("conflict "))).toHaveLength(49);
  const body = Buffer.from(bodyOf(await openStore(folder).get("race"))).toString();
  expect(`written ${body}`).toBe(winners[0]);
  expect(await unfinished()).toEqual([]);
});

test("of updates by ifMatch from 4 processes, none is lost", async () => {
  const store = openStore(folder);
  await store.put("counter", "0");
  await Promise.all((await Promise.all(Array.from({ length: 4 }, () => start("increment", 25)))).map(finish));
  expect(Buffer.from(bodyOf(await store.get("counter"))).toString()).toBe("100");
  expect(await unfinished()).toEqual([]);
});

test("a reader never sees half an object, and an object that was once there is always there", async () => {
  const store = openStore(folder);
  const sizeBytes = 4_000_000;
  await store.put("replaced", Buffer.alloc(sizeBytes, 0));
  const writers = await Promise.all([start("put-for-ever", sizeBytes), start("put-for-ever", sizeBytes)]);
  writers.forEach(begin);
  const seen = new Set<number>();
  while (seen.size < 10) {
    const body = bodyOf(await store.get("replaced"));
    expect(body.length).toBe(sizeBytes);
    expect(body.every((byte) => byte === body[0])).toBe(true);
    seen.add(body[0]!);
    for await (const { key, sizeBytes: listed } of store.list("new/"))
      expect(`${key} ${listed}`).toBe(`${key} ${sizeBytes}`);
  }
});

test("killed in the middle of puts, a process leaves whole objects, and nothing else for long", async () => {
  const sizeBytes = 2_000_000;
  for (let round = 0; round < 6; round++) {
    const writer = await start("put-for-ever", sizeBytes);
    begin(writer);
    await once(writer.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
    await kill(writer);
  }
  const store = openStore(folder);
  const found = await keys(store, "");
  expect(found.length).toBeGreaterThan(6);
  for (const key of found) {
    const body = bodyOf(await store.get(key));
    expect(body.length).toBe(sizeBytes);
    expect(body.every((byte) => byte === body[0])).toBe(true);
  }
  // The next writer removes what the dead left unfinished; their locks, if any, do not stop it.
  await store.put("replaced", "0");
  await increment(store, "replaced", 3);
  expect((await unfinished()).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** A process that has loaded everything and waits for {@link begin}. */
async function start(task: string, count: number): Promise<Child> {
  const script = join(import.meta.dirname, "store-process.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, task, folder, String(count)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  child.stdout.setEncoding("utf8");
  await once(child.stdout, "data");
  return child;
}

function begin(child: Child): void {
  child.stdin.write("go\n");
}

/** Lets it work to its end; its output. */
async function finish(child: Child): Promise<string> {
  let output = "";
  child.stdout.on("data", (text: string) => (output += text));
  begin(child);
  const [code] = (await once(child, "close")) as [number | null];
  expect(code).toBe(0);
  return output;
}

async function kill(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

async function unfinished(): Promise<string[]> {
  return readdir(join(folder, ".onecopy-tmp"));
}
