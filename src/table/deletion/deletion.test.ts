import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Engine, type Session, literal, openEngine } from "../../engine/index.ts";
import { type Store, openStore } from "../../storage/index.ts";
import type { DeletionVector } from "../snapshot.ts";
import {
  RowSet,
  readDeletionVector,
  readPuffinFooter,
  readPuffinVector,
  writeDeletionVector,
} from "./index.ts";
import { toBlob } from "./blob.ts";
import { fromZ85, toZ85 } from "./z85.ts";

let folder: string;
let engine: Engine;
let session: Session;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-deletion-"));
  await mkdir(join(folder, "t"));
  store = openStore(folder);
  engine = await openEngine({ spillFolder: folder, threads: 1 });
  session = await engine.session();
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true });
});

const row = fc.oneof(
  fc.nat(100),
  fc.nat(70_000),
  fc.integer({ min: 2 ** 32 - 3, max: 2 ** 32 + 3 }),
  fc.maxSafeInteger().map(Math.abs),
);
/** Runs, bitsets and arrays alike. */
const rows = fc
  .array(
    fc.oneof(
      row.map((one) => [one]),
      fc
        .tuple(fc.nat(200_000), fc.nat(9000), fc.integer({ min: 1, max: 3 }))
        .map(([from, count, step]) => Array.from({ length: count }, (_, i) => from + i * step)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => new Set(parts.flat()));

describe("a set of rows", () => {
  test("is what a set of numbers is, and comes back from its bytes", () => {
    fc.assert(
      fc.property(rows, rows, row, (one, other, probe) => {
        const set = RowSet.fromArray(one);
        const both = set.union(RowSet.fromArray(other));
        expect([...both]).toEqual([...new Set([...one, ...other])].sort((a, b) => a - b));
        expect(set.has(probe)).toBe(one.has(probe));
        const read = RowSet.deserialize(set.serialize(), "here");
        expect(read.cardinality).toBe(one.size);
        expect([...read]).toEqual([...set]);
      }),
      { numRuns: 60 },
    );
  });

  test("damaged bytes are said to be so, or give other rows; nothing else happens", () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(rows, damage, fc.nat(3), (one, changes, cut) => {
        const bytes = Buffer.from(RowSet.fromArray(one).serialize());
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          const read = RowSet.deserialize(bytes.subarray(0, bytes.length - cut), "here");
          expect([...read]).toHaveLength(read.cardinality);
        } catch (error) {
          expect(error).toMatchObject({ code: "table.deletion_vector_damaged" });
        }
      }),
      { numRuns: 200 },
    );
  });

  test("a count of bitmaps that lies ends the reading", () => {
    const bytes = Buffer.from(RowSet.fromArray([1, 2]).serialize());
    bytes.writeBigUInt64LE(2n ** 63n, 4);
    expect(() => RowSet.deserialize(bytes, "here")).toThrow(
      /here: bitmap 1 of 9223372036854775808 is missing/,
    );
  });
});

test("Z85 is that of its specification", () => {
  expect(toZ85(Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b))).toBe("HelloWorld");
  expect(fromZ85("HelloWorld")).toEqual(Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b));
  for (const wrong of ["Hello1", "Hell~", "#####"]) expect(fromZ85(wrong)).toBeUndefined();
});

describe("a vector of Delta", () => {
  test("inline, as another writer's tests have it", async () => {
    const vector: DeletionVector = {
      storageType: "i",
      pathOrInlineDv: "^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L",
      sizeInBytes: 44,
      cardinality: 6,
    };
    expect([...(await readDeletionVector(store, "t", vector))]).toEqual([3, 4, 7, 11, 18, 29]);
  });

  test("is read as it was written", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (one) => {
        const { delta } = await writeDeletionVector(
          store,
          "t",
          "file:///t/data/a.parquet",
          RowSet.fromArray(one),
        );
        expect([...(await readDeletionVector(store, "t", delta))]).toEqual([...one].sort((a, b) => a - b));
      }),
      { numRuns: 20 },
    );
  });

  const uuid = toZ85(Buffer.from("f00dfeedf00dfeedf00dfeedf00dfeed", "hex"));
  const file = "deletion_vector_f00dfeed-f00d-feed-f00d-feedf00dfeed.bin";
  const stored = (text: string, more: Partial<DeletionVector> = {}): DeletionVector => ({
    storageType: "u",
    pathOrInlineDv: text,
    offset: 1,
    sizeInBytes: toBlob(RowSet.fromArray([5, 2 ** 33])).length - 8,
    cardinality: 2,
    ...more,
  });

  test("is found by its prefix, and by its absolute address", async () => {
    const bytes = Buffer.concat([Uint8Array.of(1), toBlob(RowSet.fromArray([5, 2 ** 33]))]);
    for (const key of [`t/${file}`, `t/ab/${file}`, `t/_dv/x y/${file}`]) await store.put(key, bytes);
    const url = new URL(`file://${folder}/t/_dv/x y/${file}`).href;
    for (const vector of [
      stored(uuid),
      stored(`ab${uuid}`),
      stored(url, { storageType: "p" }),
      stored(url.replace("file:///", "file:/"), { storageType: "p" }),
    ])
      expect([...(await readDeletionVector(store, "t", vector))]).toEqual([5, 2 ** 33]);
  });

  test.each([
    stored(`../o${uuid}`),
    stored(`/${uuid}`),
    stored("nope"),
    stored(`gone${uuid}`),
    stored(uuid, { offset: undefined }),
    stored(uuid, { offset: 2 }),
    stored(uuid, { sizeInBytes: 2 ** 40 }),
    stored(uuid, { sizeInBytes: 30 }),
    stored(uuid, { cardinality: 3 }),
    stored("wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L", { storageType: "i", sizeInBytes: 60 }),
  ])("is refused: %j", async (vector) => {
    await store.put(`t/${file}`, Buffer.concat([Uint8Array.of(1), toBlob(RowSet.fromArray([5, 2 ** 33]))]));
    await expect(readDeletionVector(store, "t", vector)).rejects.toMatchObject({
      code: "table.deletion_vector_damaged",
    });
  });

  test.each([`file://${tmpdir()}/${file}`, "s3://elsewhere/x.bin", "file:///%2e%2e/x"])(
    "outside of the table's folder it is not read: %s",
    async (address) => {
      await expect(
        readDeletionVector(store, "t", stored(address, { storageType: "p" })),
      ).rejects.toMatchObject({ code: "table.path_outside" });
    },
  );

  test("a bit that fell over is noticed", async () => {
    const { delta, keys } = await writeDeletionVector(store, "t", "f", RowSet.fromArray([1, 5]));
    const path = join(folder, keys[0]!);
    const bytes = await readFile(path);
    bytes[bytes.length - 6]! ^= 1;
    await writeFile(path, bytes);
    await expect(readDeletionVector(store, "t", delta)).rejects.toThrow("checksum");
  });
});

test("a position-delete file holds the rows, in columns that may not be null, with the ids of Iceberg", async () => {
  const all = [...Array.from({ length: 100_000 }, (_, i) => i * 2), 2 ** 40 + 1];
  const location = "file:///t/data/žluť 🐎.parquet";
  const { deleteFile, keys } = await writeDeletionVector(store, "t", location, RowSet.fromArray(all));
  expect(keys).toContain(`t/${deleteFile.path}`);
  const path = literal(join(folder, "t", deleteFile.path));
  expect(
    await session.rows(
      `SELECT name, type, repetition_type AS repetition, field_id FROM parquet_schema(${path}) WHERE num_children IS NULL`,
    ),
  ).toEqual([
    { name: "file_path", type: "BYTE_ARRAY", repetition: "REQUIRED", field_id: 2147483546 },
    { name: "pos", type: "INT64", repetition: "REQUIRED", field_id: 2147483545 },
  ]);
  expect(await session.rows(`SELECT DISTINCT file_path FROM read_parquet(${path})`)).toEqual([
    { file_path: location },
  ]);
  const { pos } = await session.arrays(`SELECT pos FROM read_parquet(${path})`);
  expect([...pos!].map(Number)).toEqual(all);
});

test("a Puffin file's footer says where the vectors are", async () => {
  const memory = openStore("memory:");
  const blob = toBlob(RowSet.fromArray([7, 9]));
  const payload = Buffer.from(
    JSON.stringify({
      blobs: [
        {
          type: "deletion-vector-v1",
          fields: [],
          "snapshot-id": -1,
          "sequence-number": -1,
          offset: 4,
          length: blob.length,
          properties: { cardinality: "2", "referenced-data-file": "a" },
        },
      ],
    }),
  );
  const length = Buffer.alloc(8);
  length.writeInt32LE(payload.length);
  const magic = Buffer.from("PFA1");
  const file = Buffer.concat([magic, blob, magic, payload, length, magic]);
  await memory.put("x.puffin", file);
  const [found] = await readPuffinFooter(memory, "x.puffin", file.length);
  expect(found).toMatchObject({ type: "deletion-vector-v1", compressed: false });
  expect([...(await readPuffinVector(memory, "x.puffin", found!.offset, found!.lengthBytes))]).toEqual([
    7, 9,
  ]);
  for (const size of [3, 20, file.length - 1])
    await expect(readPuffinFooter(memory, "x.puffin", size)).rejects.toMatchObject({
      code: "table.deletion_vector_damaged",
    });
  await expect(readPuffinVector(memory, "x.puffin", 4, 2 ** 40)).rejects.toMatchObject({
    code: "table.deletion_vector_damaged",
  });
});
