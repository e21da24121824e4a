import type { Store } from "../../storage/index.ts";
import { icebergPointer } from "../delta/find-pointer.ts";
import type { LogState } from "../delta/replay.ts";
import { keyIn, versionName } from "../path.ts";
import type { IcebergPointer } from "../snapshot.ts";

/** The newest Iceberg metadata at or below a version: from the commits, or from a healer's pointer that is newer. */
export async function newestPointer(
  store: Store,
  folder: string,
  state: Pick<LogState, "version" | "iceberg">,
): Promise<IcebergPointer | undefined> {
  if (state.iceberg?.version === state.version) return state.iceberg;
  const prefix = keyIn(folder, "_iceberg/pointer/");
  const from = state.iceberg === undefined ? {} : { startAfter: pointerKey(folder, state.iceberg.version) };
  let key: string | undefined;
  let version = 0;
  for await (const entry of store.list(prefix, from)) {
    const digits = /^(\d{20})\.json$/.exec(entry.key.slice(prefix.length))?.[1];
    if (digits === undefined || Number(digits) > state.version) continue;
    key = entry.key;
    version = Number(digits);
  }
  return key === undefined ? state.iceberg : ((await readPointer(store, folder, version)) ?? state.iceberg);
}

/** What a healer wrote for a version. */
export async function readPointer(
  store: Store,
  folder: string,
  version: number,
): Promise<IcebergPointer | undefined> {
  const found = await store.get(pointerKey(folder, version), { offset: 0, length: 4096 });
  if (found.kind === "absent") return undefined;
  try {
    const { iceberg } = JSON.parse(new TextDecoder().decode(found.body)) as { iceberg?: unknown };
    return typeof iceberg === "string" ? icebergPointer(folder, version, iceberg) : undefined;
  } catch {
    return undefined;
  }
}

export function pointerKey(folder: string, version: number): string {
  return keyIn(folder, `_iceberg/pointer/${versionName(version)}.json`);
}
