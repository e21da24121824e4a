import { crc32 } from "node:zlib";
import { damaged } from "./damaged.ts";
import { RowSet } from "./row-set.ts";

/** Length before and checksum after what they frame. */
export const frameBytes = 8;
/** What one bitmap of 2^31 rows takes. A vector that claims more is refused, not read. */
export const largestBytes = 256 * 2 ** 20;

/**
 * A set as it stands in a `.bin` file and in a Puffin file alike: length (big-endian), magic and bitmaps, CRC-32 of
 * these (big-endian). Delta protocol "Deletion Vector File Storage Format", Puffin spec "deletion-vector-v1".
 */
export function toBlob(rows: RowSet): Uint8Array {
  const data = rows.serialize();
  const blob = new Uint8Array(data.length + frameBytes);
  const view = new DataView(blob.buffer);
  view.setUint32(0, data.length);
  blob.set(data, 4);
  view.setUint32(data.length + 4, crc32(data));
  return blob;
}

/** Of untrusted bytes, all of them. Fails with `table.deletion_vector_damaged`. */
export function fromBlob(blob: Uint8Array, where: string): RowSet {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (blob.length < frameBytes) throw damaged(where, `expected at least 8 bytes, found ${blob.length}`);
  const data = blob.subarray(4, -4);
  if (view.getUint32(0) !== data.length)
    throw damaged(where, `its length says ${view.getUint32(0)} bytes, and there are ${data.length}`);
  if (view.getUint32(blob.length - 4) !== crc32(data))
    throw damaged(where, "the checksum (CRC-32) does not match");
  return RowSet.deserialize(data, where);
}
