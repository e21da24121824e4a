import { z } from "zod";
import type { Store } from "../../storage/index.ts";
import { frameBytes, fromBlob, largestBytes } from "./blob.ts";
import { damaged } from "./damaged.ts";
import type { RowSet } from "./row-set.ts";

const magic = Buffer.from("PFA1");
const footerEndBytes = 12; // length of the payload, flags, magic
const largestFooterBytes = 16 * 2 ** 20;

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const footer = z.object({
  blobs: z.array(
    z.object({
      type: z.string(),
      offset: count,
      length: count,
      "compression-codec": z.string().optional(),
      properties: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/** A blob of a Puffin file (Iceberg, "Puffin file format"). */
export interface PuffinBlob {
  readonly type: string;
  readonly offset: number;
  readonly lengthBytes: number;
  readonly compressed: boolean;
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * The deleted rows in a blob of type `deletion-vector-v1`, where a manifest says it is (`content_offset`,
 * `content_size_in_bytes`). Fails with `table.deletion_vector_damaged`.
 */
export async function readPuffinVector(
  store: Store,
  key: string,
  offset: number,
  lengthBytes: number,
): Promise<RowSet> {
  const where = `The deletion vector at ${offset} of ${key}`;
  if (![offset, lengthBytes].every((value) => Number.isSafeInteger(value) && value >= 0))
    throw damaged(where, `its length is ${lengthBytes}`);
  if (lengthBytes > largestBytes + frameBytes)
    throw damaged(where, `it takes ${lengthBytes} bytes; up to ${largestBytes} are read`);
  const found = await store.get(key, { offset, length: lengthBytes });
  if (found.kind === "absent") throw damaged(where, "the file is not there");
  if (found.body.length !== lengthBytes)
    throw damaged(where, `expected ${lengthBytes} bytes, the file has ${found.body.length}`);
  return fromBlob(found.body, where);
}

/** What a Puffin file holds, by its footer. Fails with `table.deletion_vector_damaged`. */
export async function readPuffinFooter(store: Store, key: string, sizeBytes: number): Promise<PuffinBlob[]> {
  const where = `The Puffin file ${key}`;
  const part = async (offset: number, length: number): Promise<Buffer> => {
    if (offset < magic.length) throw damaged(where, `it is too short (${sizeBytes} bytes)`);
    const found = await store.get(key, { offset, length });
    if (found.kind === "absent" || found.body.length !== length)
      throw damaged(where, `there are no ${length} bytes at ${offset}`);
    return Buffer.from(found.body);
  };
  const end = await part(sizeBytes - footerEndBytes, footerEndBytes);
  if (!end.subarray(8).equals(magic)) throw damaged(where, "it does not end in PFA1");
  if ((end[4]! & 1) !== 0) throw damaged(where, "its footer is compressed, which is not supported");
  const length = end.readInt32LE(0);
  if (length < 0 || length > largestFooterBytes) throw damaged(where, `its footer takes ${length} bytes`);
  const start = sizeBytes - footerEndBytes - length - magic.length;
  const payload = await part(start, magic.length + length);
  if (!payload.subarray(0, 4).equals(magic)) throw damaged(where, "its footer does not start with PFA1");
  try {
    return footer.parse(JSON.parse(payload.toString("utf8", 4))).blobs.map((blob) => ({
      type: blob.type,
      offset: blob.offset,
      lengthBytes: blob.length,
      compressed: blob["compression-codec"] !== undefined,
      properties: blob.properties ?? {},
    }));
  } catch (error) {
    throw damaged(
      where,
      `its footer is no description of blobs (${error instanceof Error ? error.name : ""})`,
    );
  }
}
