import type { Store } from "../../storage/index.ts";
import { keyIn, pathOfLocation } from "../path.ts";
import type { DeletionVector } from "../snapshot.ts";
import { frameBytes, fromBlob, largestBytes } from "./blob.ts";
import { damaged } from "./damaged.ts";
import { RowSet } from "./row-set.ts";
import { fromZ85 } from "./z85.ts";

/**
 * The deleted rows of a file (Delta protocol, "Deletion Vectors"). Fails with `table.deletion_vector_damaged`, and
 * with `table.path_outside` for a vector that is not in the table's folder.
 */
export async function readDeletionVector(
  store: Store,
  folder: string,
  vector: DeletionVector,
): Promise<RowSet> {
  const { sizeInBytes, cardinality } = vector;
  const name = vector.storageType === "i" ? "inline" : vector.pathOrInlineDv;
  const where = `The deletion vector ${name} of ${folder === "" ? store.url : folder}`;
  if (!Number.isSafeInteger(sizeInBytes) || sizeInBytes < 0 || sizeInBytes > largestBytes)
    throw damaged(where, `its size is ${sizeInBytes} bytes; up to ${largestBytes} are read`);
  const rows =
    vector.storageType === "i"
      ? RowSet.deserialize(inlineBytes(vector, where), where)
      : await readBlob(store, keyOf(store, folder, vector, where), vector, where);
  if (rows.cardinality === cardinality) return rows;
  const found = rows.cardinality;
  rows.dispose();
  throw damaged(where, `the log says ${cardinality} rows, it holds ${found}`);
}

/** Where a vector is stored; `undefined` when it stands in the log itself. Fails as {@link readDeletionVector} does. */
export function deletionVectorPath(store: Store, folder: string, vector: DeletionVector): string | undefined {
  const where = `A deletion vector of ${folder === "" ? store.url : folder}`;
  return vector.storageType === "i" ? undefined : pathOf(store, folder, vector, where);
}

async function readBlob(
  store: Store,
  key: string,
  { offset, sizeInBytes }: DeletionVector,
  where: string,
): Promise<RowSet> {
  if (offset === undefined || !Number.isSafeInteger(offset) || offset < 0)
    throw damaged(where, `its offset in ${key} is ${offset}`);
  const range = { offset, length: sizeInBytes + frameBytes };
  const found = await store.get(key, range);
  if (found.kind === "absent") throw damaged(where, `${key} is not there`);
  if (found.body.length !== range.length)
    throw damaged(where, `${key} has ${found.body.length} bytes from ${offset} on, expected ${range.length}`);
  return fromBlob(found.body, where);
}

/** Writers fill up to four bytes with zeros before they encode. */
function inlineBytes({ pathOrInlineDv, sizeInBytes }: DeletionVector, where: string): Uint8Array {
  const bytes = fromZ85(pathOrInlineDv);
  if (bytes === undefined || bytes.length < sizeInBytes || bytes.length - sizeInBytes > 3)
    throw damaged(where, `it is no Z85 text of ${sizeInBytes} bytes`);
  return bytes.subarray(0, sizeInBytes);
}

function keyOf(store: Store, folder: string, vector: DeletionVector, where: string): string {
  return keyIn(folder, pathOf(store, folder, vector, where));
}

function pathOf(store: Store, folder: string, vector: DeletionVector, where: string): string {
  const { storageType, pathOrInlineDv: text } = vector;
  if (storageType === "p") return pathOfAbsolute(store, folder, text);
  const uuid = fromZ85(text.slice(-20));
  if (uuid?.length !== 16) throw damaged(where, `${text} does not end in a UUID`);
  const prefix = text.slice(0, -20);
  // The text comes from whoever can write the log, and names a folder in the table's.
  if (prefix.split("/").some((part) => part === "." || part === "..") || /^\/|\/\/|[\0\\]/.test(prefix))
    throw damaged(where, `${JSON.stringify(prefix)} is no prefix in the table's folder`);
  return `${prefix === "" ? "" : `${prefix.replace(/\/$/, "")}/`}deletion_vector_${uuidText(uuid)}.bin`;
}

/** A URI, percent-encoded as `add.path` is; `file:/x` and `file:///x` are the same. */
function pathOfAbsolute(store: Store, folder: string, uri: string): string {
  const location = uri.replace(/^file:\/(?!\/)/, "file:///");
  try {
    return pathOfLocation(store, folder, decodeURIComponent(location));
  } catch (error) {
    if (error instanceof URIError) return pathOfLocation(store, folder, location);
    throw error;
  }
}

export function uuidText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
