import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { processTag, sha256 } from "../../base/index.ts";
import { withLock } from "./lock.ts";
import { TemporaryFolder } from "./temporary.ts";

let root: string;
let folder: TemporaryFolder;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "onecopy-lock-"));
  folder = new TemporaryFolder(root);
  await mkdir(folder.path);
});
afterEach(() => rm(root, { recursive: true }));

/** Takes the lock twenty times from twenty sides; how many held it at once, at most. */
async function contend(): Promise<number> {
  let holders = 0;
  let most = 0;
  const hold = async (): Promise<void> => {
    most = Math.max(most, ++holders);
    await new Promise((resolve) => setTimeout(resolve, 2));
    holders -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, () => withLock(folder, "key", hold)));
  return most;
}

const lockPath = (): string => join(folder.path, `${sha256("key").slice(0, 32)}.lock`);

/** The tag of a process of this machine that has ended. */
async function deadTag(): Promise<string> {
  const script = `import { processTag } from "./src/base/index.ts"; process.stdout.write(processTag)`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let tag = "";
  child.stdout.on("data", (text: Buffer) => (tag += text.toString()));
  await once(child, "close");
  return tag;
}

test("one at a time holds the lock, and nothing is left of it", async () => {
  expect(await contend()).toBe(1);
  expect(await readdir(folder.path)).toEqual([]);
});

test("the lock is given back when the work fails", async () => {
  await expect(withLock(folder, "key", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await contend()).toBe(1);
});

test("a dead process's lock is removed, once", async () => {
  await writeFile(lockPath(), `${await deadTag()} instance`);
  expect(await contend()).toBe(1);
  expect(await readdir(folder.path)).toEqual([]);
});

test("a dead process's lock is removed even when those who began to remove it died as well", async () => {
  const holder = `${await deadTag()} instance`;
  const claim = `${lockPath()}.${sha256(holder).slice(0, 16)}`;
  await writeFile(lockPath(), holder);
  await writeFile(`${claim}.0`, `${await deadTag()} first`);
  await writeFile(`${claim}.1`, `${await deadTag()} second`);
  expect(await contend()).toBe(1);
  expect(await readdir(folder.path)).toEqual([]);
});

test("a lock of a process that cannot be judged is respected, and named in the end", async () => {
  await writeFile(lockPath(), "another-machine.1.1 instance");
  await expect(withLock(folder, "key", async () => {})).rejects.toMatchObject({
    code: "storage.locked",
    message: expect.stringContaining(lockPath()),
    remedy: expect.stringContaining("delete the file"),
  });
});

test("unfinished files are removed when their process is gone, or cannot be judged and a day has passed", async () => {
  const plant = async (owner: string, ageHours: number): Promise<string> => {
    const path = join(folder.path, `${owner}.${ageHours}.tmp`);
    await writeFile(path, "a customer's value");
    const time = Date.now() / 1000 - ageHours * 3600;
    await utimes(path, time, time);
    return `${owner}.${ageHours}.tmp`;
  };
  await plant(await deadTag(), 0);
  await plant("another-machine.1.1", 25);
  const stage = join(folder.path, `${await deadTag()}.stage`);
  await mkdir(join(stage, "copy"), { recursive: true });
  await writeFile(join(stage, "copy", "0.parquet"), "a customer's value");
  const kept = [await plant("another-machine.1.1", 23), await plant(processTag, 25)];
  await folder.remove(await folder.write("x", { durable: false }));
  expect((await readdir(folder.path)).toSorted()).toEqual(kept.toSorted());
});
