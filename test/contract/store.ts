import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import fc from "fast-check";
import { type Store, compareKeys } from "../../src/storage/index.ts";
import { bodyOf, entriesOf, entryOf, increment, keys } from "./store-use.ts";

/** What a test of one store needs: a new, empty store each time. */
export interface StoreUnderTest {
  readonly store: Store;
  close(): Promise<void>;
}

/** Why an adapter does not run a part of the suite; part name → reason. */
export type Gaps = Readonly<
  Partial<
    Record<
      | "an object may lie below another"
      | "no etag comes back"
      | "a name may hold a backslash"
      | "a name may hold a line break",
      string
    >
  >
>;

/** The behaviour that every adapter of the store port has. */
export function storeContract(name: string, open: () => Promise<StoreUnderTest>, gaps: Gaps = {}): void {
  const unless = (gap: keyof Gaps): { readonly skip: boolean } => ({ skip: gaps[gap] !== undefined });
  const titled = (gap: keyof Gaps): string =>
    gaps[gap] === undefined ? gap : `${gap} (not here: ${gaps[gap]})`;

  describe(`store: ${name}`, () => {
    let opened: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    test("what is put is got, byte for byte", async () => {
      for (const body of [new Uint8Array(), randomBytes(1), randomBytes(300_000)]) {
        const put = await store.put("folder/object", body);
        const got = await store.get("folder/object");
        expect(got).toMatchObject({ kind: "found", entry: { key: "folder/object", sizeBytes: body.length } });
        expect(Buffer.from(bodyOf(got)).equals(body)).toBe(true);
        expect(put).toEqual({ kind: "written", etag: entryOf(got).etag });
      }
    });

    test("a text is put as UTF-8", async () => {
      await store.put("text", "Łukasz 🐘");
      expect(Buffer.from(bodyOf(await store.get("text"))).toString("utf8")).toBe("Łukasz 🐘");
    });

    test("a caller's buffer stays the caller's", async () => {
      const body = Buffer.from("before");
      await store.put("object", body);
      body.fill("x");
      const first = bodyOf(await store.get("object"));
      first.fill(0);
      expect(Buffer.from(bodyOf(await store.get("object"))).toString()).toBe("before");
    });

    test("head says what get and list say", async () => {
      await store.put("a/b", "12345");
      const head = await store.head("a/b");
      expect(head).toEqual({ kind: "found", entry: entryOf(await store.get("a/b")) });
      expect(await entriesOf(store, "")).toEqual([entryOf(head)]);
      expect(Math.abs(entryOf(head).modifiedMs - Date.now())).toBeLessThan(60_000);
    });

    test("what is not there is absent, not an error", async () => {
      await store.put("folder/object", "x");
      for (const key of ["object", "folder", "folder/obj", "folder/object2", "no/such/folder"]) {
        expect(await store.get(key), key).toEqual({ kind: "absent" });
        expect(await store.head(key), key).toEqual({ kind: "absent" });
      }
      expect(await entriesOf(store, "no/such/")).toEqual([]);
    });

    test("a range gives the bytes asked for, fewer at the end, none beyond it", async () => {
      await store.put("object", "0123456789");
      const read = async (offset: number, length: number): Promise<string> =>
        Buffer.from(bodyOf(await store.get("object", { offset, length }))).toString();
      expect(await read(0, 3)).toBe("012");
      expect(await read(7, 100)).toBe("789");
      expect(await read(10, 1)).toBe("");
      expect(await read(99, 1)).toBe("");
      expect(await read(4, 0)).toBe("");
      expect(entryOf(await store.get("object", { offset: 1, length: 1 })).sizeBytes).toBe(10);
      for (const bad of [
        { offset: -1, length: 1 },
        { offset: 0, length: -1 },
        { offset: 0.5, length: 1 },
      ])
        await expect(store.get("object", bad)).rejects.toMatchObject({ code: "storage.bad_range" });
    });

    test("put replaces", async () => {
      await store.put("object", "a longer first version");
      await store.put("object", "second");
      expect(Buffer.from(bodyOf(await store.get("object"))).toString()).toBe("second");
    });

    test("ifAbsent writes once", async () => {
      expect(await store.put("object", "first", { ifAbsent: true })).toMatchObject({ kind: "written" });
      expect(await store.put("object", "second", { ifAbsent: true })).toEqual({ kind: "conflict" });
      expect(Buffer.from(bodyOf(await store.get("object"))).toString()).toBe("first");
      await store.delete("object");
      expect(await store.put("object", "third", { ifAbsent: true })).toMatchObject({ kind: "written" });
    });

    test("ifMatch writes over that version only", async () => {
      const first = etagOf(await store.put("object", "1"));
      const second = etagOf(await store.put("object", "2", { ifMatch: first }));
      expect(await store.put("object", "lost", { ifMatch: first })).toEqual({ kind: "conflict" });
      expect(await store.put("absent", "lost", { ifMatch: second })).toEqual({ kind: "conflict" });
      expect(await store.head("absent")).toEqual({ kind: "absent" });
      await store.delete("object");
      expect(await store.put("object", "lost", { ifMatch: second })).toEqual({ kind: "conflict" });
      expect(await store.head("object")).toEqual({ kind: "absent" });
    });

    test(titled("no etag comes back"), unless("no etag comes back"), async () => {
      // Even for the same bytes, written again at once.
      const etags = new Set<string>();
      for (let i = 0; i < 100; i++) {
        etags.add(etagOf(await store.put("object", "same")));
        if (i % 3 === 0) await store.delete("object");
      }
      expect(etags.size).toBe(100);
    });

    test("of many that put if absent at once, one wins, and its bytes stay", async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, i) => store.put("race", `writer ${i}`, { ifAbsent: true })),
      );
      const winners = outcomes.flatMap(({ kind }, i) => (kind === "written" ? [i] : []));
      expect(winners).toHaveLength(1);
      expect(Buffer.from(bodyOf(await store.get("race"))).toString()).toBe(`writer ${winners[0]}`);
      expect(outcomes.filter(({ kind }) => kind === "conflict")).toHaveLength(49);
    });

    test("no update by ifMatch is lost", async () => {
      await store.put("counter", "0");
      await Promise.all(Array.from({ length: 8 }, () => increment(store, "counter", 5)));
      expect(Buffer.from(bodyOf(await store.get("counter"))).toString()).toBe("40");
    });

    test("delete removes one object; deleting what is not there is no error", async () => {
      await store.put("a", "x");
      await store.put("ab", "x");
      await store.delete("a");
      await store.delete("a");
      await store.delete("no/such");
      expect(await keys(store, "")).toEqual(["ab"]);
    });

    test("list gives the keys with a prefix in the order of their bytes", async () => {
      const all = [
        "a.b",
        "a/b",
        "a/b-c/d",
        "a/b.c",
        "a/b/c",
        "a0",
        "ä",
        "z",
        "\ue000",
        "🐘",
        "_x",
        "Z",
      ].filter((key) => gaps["an object may lie below another"] === undefined || key !== "a/b");
      for (const key of all.toReversed()) await store.put(key, "x");
      const inOrder = all.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(await keys(store, "")).toEqual(inOrder);
      for (const prefix of ["a", "a/", "a/b", "a/b/", "a/b-", "a/b-c/d", "a/b-c/d/", "ä", "q", "🐘"])
        expect(await keys(store, prefix), prefix).toEqual(inOrder.filter((key) => key.startsWith(prefix)));
    });

    test("startAfter leaves out what comes before it, and itself, whether it exists or not", async () => {
      const all = ["a/1", "a/2", "a/2-x", "a0/1", "b/1", "b/1.x"].toSorted();
      for (const key of all) await store.put(key, "x");
      for (const startAfter of [...all, "", "a", "a/", "a/1x", "a0", "b/", "b/0", "c"])
        for (const prefix of ["", "a", "a/", "b/"])
          expect(await keys(store, prefix, startAfter), `${prefix} after ${startAfter}`).toEqual(
            all.filter((key) => key.startsWith(prefix) && key > startAfter),
          );
    });

    test("list agrees with a sorted map, whatever the keys", async () => {
      const name = fc
        .stringMatching(/^[a-c.\- %#?é🐘\\]{1,4}$/u)
        .filter((text) => text !== "." && text !== "..")
        .filter((text) => gaps["a name may hold a backslash"] === undefined || !text.includes("\\"));
      const key = fc.array(name, { minLength: 1, maxLength: 3 }).map((segments) => segments.join("/"));
      await fc.assert(
        fc.asyncProperty(fc.array(key, { maxLength: 12 }), key, key, async (many, beginning, startAfter) => {
          const prefix = [...beginning].slice(0, 2).join("");
          const { store, close } = await open();
          try {
            const put = new Set<string>();
            for (const one of many) {
              if ([...put].some((other) => one.startsWith(`${other}/`) || other.startsWith(`${one}/`)))
                continue;
              await store.put(one, one);
              put.add(one);
            }
            const expected = [...put]
              .filter((one) => one.startsWith(prefix) && compareBytes(one, startAfter) > 0)
              .sort(compareBytes);
            expect(await keys(store, prefix, startAfter)).toEqual(expected);
          } finally {
            await close();
          }
        }),
        { numRuns: 60 },
      );
    });

    test("keys hold every character that a name may hold", async () => {
      for (const key of ["100%/50%25", "a b/ c ", "q?x=1#y", "~", "-rf", "…/..x/x..", "'\"`$(x)"]) {
        await store.put(key, key);
        expect(Buffer.from(bodyOf(await store.get(key))).toString()).toBe(key);
        expect(await keys(store, key)).toEqual([key]);
      }
    });

    test(titled("a name may hold a line break"), unless("a name may hold a line break"), async () => {
      for (const key of ["in\nit", "at its end\n"]) {
        await store.put(key, key);
        expect(Buffer.from(bodyOf(await store.get(key))).toString()).toBe(key);
        expect(await keys(store, key)).toEqual([key]);
      }
      const own = await mkdtemp(join(tmpdir(), "onecopy-adopt-"));
      try {
        await writeFile(join(own, "x"), "x");
        await expect(store.adopt(join(own, "x"), "in\nit")).rejects.toThrow(/in\\nit.* is there already/);
      } finally {
        await rm(own, { recursive: true });
      }
    });

    test(titled("a name may hold a backslash"), unless("a name may hold a backslash"), async () => {
      await store.put("c:\\d", "x");
      await store.put("c:/d", "y");
      expect(await keys(store, "")).toEqual(["c:/d", "c:\\d"]);
    });

    test("what could name something outside is no key", async () => {
      const bad = [
        "",
        "/",
        "/etc/passwd",
        "..",
        "../x",
        "a/../b",
        "a/..",
        "./a",
        "a/./b",
        "a//b",
        "a/",
        "a\0b",
      ];
      for (const key of [...bad, "\ud800", "x".repeat(1025), ".onecopy-tmp/x", "a/.onecopy-tmp"]) {
        const refused = { code: "storage.bad_key" };
        await expect(store.get(key), key).rejects.toMatchObject(refused);
        await expect(store.head(key), key).rejects.toMatchObject(refused);
        await expect(store.put(key, "x"), key).rejects.toMatchObject(refused);
        await expect(store.put(key, "x", { ifAbsent: true }), key).rejects.toMatchObject(refused);
        await expect(store.delete(key), key).rejects.toMatchObject(refused);
      }
      for (const prefix of ["/", "../", "a/../", "a//", "\0"])
        await expect(keys(store, prefix), prefix).rejects.toMatchObject({ code: "storage.bad_key" });
      expect(await keys(store, "")).toEqual([]);
    });

    test(titled("an object may lie below another"), unless("an object may lie below another"), async () => {
      await store.put("a", "x");
      await store.put("a/b", "y");
      expect(await keys(store, "")).toEqual(["a", "a/b"]);
    });

    test("a local file becomes an object, once", async () => {
      const own = await mkdtemp(join(tmpdir(), "onecopy-adopt-"));
      try {
        for (const [i, sizeBytes] of [0, 1, 100_000].entries()) {
          const key = `data/%20 #?-${i}.parquet`;
          const body = randomBytes(sizeBytes);
          const path = join((await store.stagingFolder()) ?? own, `staged-${i}`);
          await writeFile(path, body);
          expect(await keys(store, "data/")).toHaveLength(i);
          expect(await store.adopt(path, key)).toEqual({ sizeBytes });
          await expect(readFile(path)).rejects.toMatchObject({ code: "ENOENT" });
          expect(Buffer.from(bodyOf(await store.get(key))).equals(body)).toBe(true);
          const second = join(own, "second");
          await writeFile(second, "another");
          await expect(store.adopt(second, key)).rejects.toMatchObject({ code: "storage.exists" });
          expect(await readFile(second, "utf8")).toBe("another");
          expect(Buffer.from(bodyOf(await store.get(key))).equals(body)).toBe(true);
        }
        await writeFile(join(own, "kept"), "x");
        await expect(store.adopt(join(own, "kept"), "../x")).rejects.toMatchObject({
          code: "storage.bad_key",
        });
        await expect(store.adopt(join(own, "missing"), "missing")).rejects.toThrow();
        expect(await store.head("missing")).toEqual({ kind: "absent" });
      } finally {
        await rm(own, { recursive: true });
      }
    });

    test("an object has an address, absolute and raw", async () => {
      const key = "data/%20 é.parquet";
      expect(store.locate(key)).toBe(`${store.locate("").replace(/\/$/, "")}/${key}`);
      expect(() => store.locate("../x")).toThrow(expect.objectContaining({ code: "storage.bad_key" }));
    });
  });
}

function etagOf(outcome: Awaited<ReturnType<Store["put"]>>): string {
  if (outcome.kind !== "written") throw new Error(`expected a put to be written, it was ${outcome.kind}`);
  return outcome.etag;
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

// The order that adapters sort by is the order of bytes.
test("compareKeys is the order of UTF-8 bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(compareBytes(a, b)));
    }),
  );
});
