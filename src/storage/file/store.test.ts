import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../open.ts";
import type { Store } from "../store.ts";

let folder: string;
let root: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-file-"));
  root = join(folder, "lake");
  store = openStore(root);
});
afterEach(() => rm(folder, { recursive: true }));

async function keys(prefix = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

test("a link that leads out of the root is refused by every operation, and never listed", async () => {
  await mkdir(join(folder, "outside"));
  await writeFile(join(folder, "outside", "secret"), "secret");
  await store.put("a/b", "x");
  await symlink(join(folder, "outside"), join(root, "folder"));
  await symlink(join(folder, "outside", "secret"), join(root, "file"));
  await symlink(join(folder, "not-there"), join(root, "dangling"));
  const refused = { code: "storage.bad_key", message: expect.stringContaining("symbolic link") };
  for (const key of ["folder/secret", "file", "folder/new", "dangling", "dangling/x"]) {
    await expect(store.get(key), key).rejects.toMatchObject(refused);
    await expect(store.head(key), key).rejects.toMatchObject(refused);
    await expect(store.put(key, "y"), key).rejects.toMatchObject(refused);
    await expect(store.put(key, "y", { ifAbsent: true }), key).rejects.toMatchObject(refused);
    await expect(store.delete(key), key).rejects.toMatchObject(refused);
    await expect(store.adopt(join(folder, "outside", "secret"), key), key).rejects.toMatchObject(refused);
    expect(() => store.locate(key), key).toThrow(expect.objectContaining(refused));
  }
  await expect(keys("folder/")).rejects.toMatchObject(refused);
  expect(await keys()).toEqual(["a/b"]);
  expect(await readdir(join(folder, "outside"))).toEqual(["secret"]);
  expect(await readdir(folder)).not.toContain("not-there");
});

test("a file grows by whole lines, with empty ones behind them, and only as one that nobody else has made", async () => {
  const append = (offset: number, text: string): Promise<void> =>
    store.append!("logs/a", offset, Buffer.from(text));
  const lines = async (): Promise<string> => {
    const found = await store.get("logs/a");
    return found.kind === "absent" ? "" : Buffer.from(found.body).toString().replace(/\n+$/, "\n");
  };
  await append(0, "one\n");
  await append(4, "two\n");
  expect(await lines()).toBe("one\ntwo\n");
  const long = `${"x".repeat(300_000)}\n`;
  await append(8, long);
  await append(8 + long.length, "four\n");
  expect(await lines()).toBe(`one\ntwo\n${long}four\n`);
  await expect(append(0, "again\n")).rejects.toMatchObject({ code: "storage.bad_key" });
  await store.delete("logs/a");
  await expect(append(8, "lost\n")).rejects.toMatchObject({ code: "storage.failed" });
  await symlink(join(folder, "elsewhere"), join(root, "logs", "link"));
  await expect(store.append!("logs/link", 0, Buffer.from("x\n"))).rejects.toMatchObject({
    code: "storage.bad_key",
  });
});

test("the root itself may be a link", async () => {
  await mkdir(join(folder, "elsewhere"));
  await symlink(join(folder, "elsewhere"), root);
  await store.put("a/b", "x", { ifAbsent: true });
  expect(await keys()).toEqual(["a/b"]);
  expect(await readdir(join(folder, "elsewhere"))).toContain("a");
});

test("what is neither file nor folder is no object, and nothing waits for it", async () => {
  await store.put("a", "x");
  expect(spawnSync("mkfifo", [join(root, "pipe")]).status).toBe(0);
  expect(await store.get("pipe")).toEqual({ kind: "absent" });
  expect(await keys()).toEqual(["a"]);
});

test("an object below another, or where a folder stands, is refused with the reason", async () => {
  await store.put("a", "x");
  await store.put("b/c", "x");
  for (const condition of [undefined, { ifAbsent: true } as const]) {
    const below = { code: "storage.bad_key", message: expect.stringContaining("needs a folder") };
    await expect(store.put("a/b", "y", condition)).rejects.toMatchObject(below);
    const above = { code: "storage.bad_key", message: expect.stringContaining("needs an object") };
    await expect(store.put("b", "y", condition)).rejects.toMatchObject(above);
  }
  await expect(store.put(`${"n".repeat(256)}/a`, "y")).rejects.toMatchObject({ code: "storage.bad_key" });
  await store.delete("b");
  expect(await keys()).toEqual(["a", "b/c"]);
});

test("looking at a store leaves nothing in it", async () => {
  await store.get("a");
  await store.head("a/b");
  await store.delete("a/b");
  expect(await keys()).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});

test("a store in a folder of another has its own hidden files, which the other does not list", async () => {
  const inner = openStore(join(root, "_onecopy"));
  await inner.put("revision", "1");
  await inner.put("revision", "2");
  expect(await readdir(join(root, "_onecopy"))).toContain(".onecopy-tmp");
  expect(await keys()).toEqual(["_onecopy/revision"]);
});

test.skipIf(process.getuid?.() === 0)(
  "without the right to write, the error says what to do (not as root)",
  async () => {
    await store.put("a", "x");
    await chmod(root, 0o500);
    const refused = { code: "storage.failed", remedy: expect.stringContaining("right") };
    await expect(store.put("b/c", "x")).rejects.toMatchObject(refused);
    await chmod(root, 0o700);
  },
);

test("a write that breaks off midway is an error, and leaves nothing", async () => {
  // The system refuses this process files of more than 512 KiB, as a full disk would.
  const script = `
    import { openStore } from "./src/storage/index.ts";
    const store = openStore(process.argv[1]);
    await store.put("small", "x");
    await store.put("big", Buffer.alloc(2_000_000)).catch(({ code }) => process.stdout.write(code));`;
  const command = `trap '' XFSZ; ulimit -f 512; exec "$0" --import tsx --input-type=module -e "$1" "$2"`;
  const ran = spawnSync("bash", ["-c", command, process.execPath, script, root], { encoding: "utf8" });
  expect(ran).toMatchObject({ status: 0, stdout: "storage.failed" });
  expect(await keys()).toEqual(["small"]);
  expect(await readdir(join(root, ".onecopy-tmp"))).toEqual([]);
});

test("the hidden folder may be removed at any time between two puts", async () => {
  await store.put("a", "x");
  await rm(join(root, ".onecopy-tmp"), { recursive: true });
  await store.put("a", "y");
  expect(await keys()).toEqual(["a"]);
});

const stageAndEnd = `
  import { writeFileSync } from "node:fs";
  import { openStore } from "./src/storage/index.ts";
  const store = openStore(process.argv[1]);
  const folder = await store.stagingFolder();
  writeFileSync(folder + "/left", "a customer's value");
  console.log(folder);
  if (process.argv[2] === "die") process.kill(process.pid, "SIGKILL");`;

test("what a process staged and left is gone when it ends, and after a kill with the next one that writes", async () => {
  for (const end of ["exit", "die"]) {
    const args = ["--import", "tsx", "--input-type=module", "-e", stageAndEnd, root, end];
    const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    const staged = stdout.trim();
    expect(staged).toContain(join(root, ".onecopy-tmp"));
    expect(existsSync(staged)).toBe(end === "die");
    await openStore(root).put("a", "x");
    expect(await readdir(join(root, ".onecopy-tmp"))).toEqual([]);
  }
  expect(await keys()).toEqual(["a"]);
});

test("every write is later than the one that it replaces, even when a clock went back", async () => {
  await store.put("a", "x");
  const future = Date.UTC(2100, 0, 1) / 1000;
  await utimes(join(root, "a"), future, future);
  const before = await store.head("a");
  const put = await store.put("a", "y", before.kind === "found" ? { ifMatch: before.entry.etag } : undefined);
  const after = await store.head("a");
  if (before.kind !== "found" || after.kind !== "found" || put.kind !== "written")
    throw new Error("not written");
  expect(after.entry.modifiedMs).toBeGreaterThanOrEqual(before.entry.modifiedMs);
  expect([after.entry.etag, put.etag]).toEqual([put.etag, expect.not.stringContaining(before.entry.etag)]);
  expect(BigInt(after.entry.modifiedMs)).toBeGreaterThan(BigInt(Date.now()));
});

test("a table of 20,000 files is listed in order, from anywhere in it", async () => {
  await mkdir(join(root, "data"), { recursive: true });
  const names = Array.from({ length: 20_000 }, (_, i) => String(i).padStart(20, "0"));
  for (let i = 0; i < names.length; i += 500)
    await Promise.all(names.slice(i, i + 500).map((name) => writeFile(join(root, "data", name), "")));
  expect(await keys()).toEqual(names.map((name) => `data/${name}`));
  const some: string[] = [];
  for await (const { key } of store.list("data/", { startAfter: `data/${names[15_000]}` })) some.push(key);
  expect(some).toEqual(names.slice(15_001).map((name) => `data/${name}`));
});
