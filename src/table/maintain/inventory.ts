import type { ObjectEntry } from "../../storage/index.ts";
import type { TableAccess } from "../access.ts";
import { keyIn } from "../path.ts";
import { defaultGraceMs, keptVersionsOf } from "./kept.ts";
import { isMark } from "./mark.ts";
import { type Reach, reachOf } from "./reach.ts";

/**
 * What an object in a table's folder is, by its name and place: `mark` is what OneCopy notes about its own work,
 * `unknown` what no table of either format has.
 */
export type ObjectKind =
  | "data"
  | "deletion-vector"
  | "delta-log"
  | "checkpoint"
  | "iceberg-metadata"
  | "iceberg-pointer"
  | "manifest"
  | "delete-file"
  | "clone-marker"
  | "mark"
  | "unknown";

/**
 * Who needs it: the `newest` version, an `older` one that is kept (or a clone), or `nobody`: a version that is kept no
 * longer, a write that failed, or one that is under way. `undefined`: the Delta log itself, and what is unknown.
 */
export type ObjectUse = "newest" | "older" | "nobody" | undefined;

export interface InventoryObject extends ObjectEntry {
  readonly kind: ObjectKind;
  readonly use: ObjectUse;
}

/** Every object in a table's folder, in the order of keys, streamed. Fails as {@link keptVersionsOf} does. */
export async function* inventory(
  { store, folder }: Pick<TableAccess, "store" | "folder">,
  { nowMs = Date.now() }: { readonly nowMs?: number } = {},
): AsyncGenerator<InventoryObject> {
  yield* inventoryOf(
    await reachOf(await keptVersionsOf(store, folder, nowMs), { nowMs, graceMs: defaultGraceMs }),
  );
}

/** Every object in the table's folder, or `under` a part of it, in the order of keys, streamed. */
export async function* inventoryOf(reach: Reach, under = ""): AsyncGenerator<InventoryObject> {
  const { store, folder } = reach.kept;
  const newestMetadata = reach.iceberg.pointers[0]?.metadataKey;
  const prefix = keyIn(folder, "");
  for await (const entry of store.list(`${prefix}${under}`)) {
    const kind = kindOf(entry.key.slice(prefix.length));
    yield { ...entry, kind, use: useOf(reach, newestMetadata, entry.key, kind) };
  }
}

/** `path`: in the table's folder. */
export function kindOf(path: string): ObjectKind {
  if (path.startsWith("_delta_log/"))
    return /\.checkpoint\b|\/_sidecars\/|_last_checkpoint$/.test(path) ? "checkpoint" : "delta-log";
  // Hadoop writes a checksum beside each file of a local file system.
  const checked = /^((?:[^]*\/)?)\.([^/]+)\.crc$/.exec(path);
  if (checked !== null) return kindOf(`${checked[1]}${checked[2]}`);
  if (/(^|\/)deletion_vector_[^/]*\.bin$/.test(path)) return "deletion-vector";
  if (path.startsWith("_iceberg/")) {
    const name = path.slice("_iceberg/".length);
    if (name.startsWith("clone/")) return "clone-marker";
    if (name.startsWith("pointer/")) return "iceberg-pointer";
    if (name.startsWith("maintain/")) return "mark";
    if (name.endsWith(".metadata.json")) return "iceberg-metadata";
    if (name.endsWith(".avro")) return "manifest";
    if (/\.(parquet|puffin|stats)$/.test(name)) return "delete-file";
    return "unknown";
  }
  // Engines keep their own things in folders that begin so, and neither format has data there.
  if (/(^|\/)[_.]/.test(path)) return "unknown";
  return path.endsWith(".parquet") ? "data" : "unknown";
}

function useOf(reach: Reach, newestMetadata: string | undefined, key: string, kind: ObjectKind): ObjectUse {
  if (kind === "clone-marker") return reach.markers.has(key) ? "newest" : "nobody";
  if (kind === "mark") return isMark(key) ? "newest" : "nobody";
  if (kind === "delta-log" || kind === "checkpoint" || kind === "unknown") return undefined;
  if (reach.current.has(key) || key === newestMetadata) return "newest";
  return reach.older.has(key) ? "older" : "nobody";
}
