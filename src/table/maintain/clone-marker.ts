import type { Store } from "../../storage/index.ts";
import { keyIn } from "../path.ts";

/** A shallow clone that uses data files of a table, as its marker in that table's folder says. */
export interface CloneMarker {
  readonly key: string;
  readonly modifiedMs: number;
  /** The clone's folder in the same store; `undefined`: the marker names another store, or nothing that can be read. */
  readonly folder: string | undefined;
}

/** `_iceberg/clone/<uuid>.json` of a table: put before the clone's version 0. */
export async function cloneMarkers(store: Store, folder: string): Promise<CloneMarker[]> {
  const markers: CloneMarker[] = [];
  for await (const { key, modifiedMs } of store.list(keyIn(folder, "_iceberg/clone/"))) {
    const found = await store.get(key, { offset: 0, length: 4096 });
    if (found.kind === "absent") continue;
    markers.push({ key, modifiedMs, folder: folderOf(store, found.body) });
  }
  return markers;
}

function folderOf(store: Store, body: Uint8Array): string | undefined {
  try {
    const { store: url, folder } = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
    return url === store.url && typeof folder === "string" ? folder : undefined;
  } catch {
    return undefined;
  }
}
