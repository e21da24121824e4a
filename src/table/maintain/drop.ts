import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { replay } from "../delta/replay.ts";
import { cloneSources } from "../elsewhere.ts";
import { keyIn } from "../path.ts";
import { putSurely } from "../put-surely.ts";
import { notFound } from "../read.ts";
import { cloneMarkers } from "./clone-marker.ts";
import { type ObjectKind, kindOf } from "./inventory.ts";

export interface DropOutcome {
  readonly objects: number;
  readonly sizeBytes: number;
}

/**
 * The Delta log first, from its beginning on: until its last file is gone a reader has the newest version or an error,
 * and never an older version. Then what refers to others before these.
 */
const passes: readonly (readonly ObjectKind[])[] = [
  ["delta-log", "checkpoint"],
  ["iceberg-pointer", "iceberg-metadata"],
  ["manifest"],
  ["data", "deletion-vector", "delete-file", "clone-marker"],
];
/** Says that a table without a log is one that is being dropped: it goes last. */
const markPath = "_iceberg/maintain/drop.json";
const deletesAtOnce = 32;

/**
 * Deletes a table: every object in its folder, for good. Whoever still reads it fails. Died in between, it is done
 * again to the end. Nobody may write to the table, or clone it, meanwhile. Fails with `table.not_found`, with
 * `table.has_clones` while a shallow clone uses its files, and with `table.folder_shared` when something else lies in
 * the folder; then nothing is deleted.
 */
export async function dropTable(store: Store, folder: string): Promise<DropOutcome> {
  const prefix = keyIn(folder, "");
  await refuseClones(store, folder);
  let [objects, sizeBytes, isTable] = [0, 0, false];
  const strange: string[] = [];
  for await (const { key, sizeBytes: bytes } of store.list(prefix)) {
    const path = key.slice(prefix.length);
    const kind = kindOf(path);
    objects++;
    sizeBytes += bytes;
    isTable ||= kind === "delta-log" || path === markPath;
    if (kind === "unknown" && strange.length < 3) strange.push(key);
  }
  if (!isTable) throw notFound(store, folder);
  if (strange.length > 0)
    throw new OneCopyError(
      "table.folder_shared",
      `${store.url}${folder} holds what is not of the table: ${strange.join(", ")}; nothing was deleted.`,
      { remedy: "Move or delete that first: it may be another table in a folder of this one." },
    );
  await putSurely(store, `${prefix}${markPath}`, "{}\n");
  // A writer that had the table before may have put something meanwhile.
  do for (const kinds of passes) await sweep(store, prefix, kinds);
  while (await holdsMore(store, prefix));
  await sweep(store, prefix, ["mark"]);
  return { objects, sizeBytes };
}

/** Whether a drop of the table began and did not end; dropped again, it is ended. */
export async function isBeingDropped(store: Store, folder: string): Promise<boolean> {
  return (await store.head(keyIn(folder, markPath))).kind === "found";
}

async function holdsMore(store: Store, prefix: string): Promise<boolean> {
  for await (const { key } of store.list(prefix))
    if (kindOf(key.slice(prefix.length)) !== "mark") return true;
  return false;
}

async function sweep(store: Store, prefix: string, kinds: readonly ObjectKind[]): Promise<void> {
  const isLog = kinds.includes("delta-log");
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    await Promise.all(batch.map((key) => store.delete(key)));
    batch = [];
  };
  for await (const { key } of store.list(isLog ? `${prefix}_delta_log/` : prefix)) {
    if (!kinds.includes(kindOf(key.slice(prefix.length)))) continue;
    batch.push(key);
    // One after the other where the order matters.
    if (isLog || batch.length >= deletesAtOnce) await flush();
  }
  await flush();
}

async function refuseClones(store: Store, folder: string): Promise<void> {
  const clones: string[] = [];
  for (const marker of await cloneMarkers(store, folder))
    if (marker.folder === undefined || (await uses(store, marker.folder, folder)))
      clones.push(marker.folder ?? marker.key);
  if (clones.length === 0) return;
  throw new OneCopyError(
    "table.has_clones",
    `${folder} has shallow clones that use its files: ${clones.join(", ")}; nothing was deleted.`,
    { remedy: "Drop the clones first, or write their rows to tables of their own." },
  );
}

/** A clone that cannot be read may use them. */
async function uses(store: Store, clone: string, folder: string): Promise<boolean> {
  try {
    const state = await replay(store, clone);
    return state !== undefined && cloneSources(state.metaData.configuration).includes(folder);
  } catch {
    return true;
  }
}
