import { checkReadable } from "../delta/feature.ts";
import type { LogState } from "../delta/replay.ts";
import type { Store } from "../../storage/index.ts";
import { type Blocked, blockedBy, stateAt, targetOf } from "./heal.ts";
import { newestPointer } from "./pointer.ts";
import { readSide } from "./side.ts";

/**
 * Why healing will not bring the Iceberg side up to `state`, as far as features and types say: nothing is written, and no
 * value is looked at. `undefined`: nothing speaks against it.
 */
export async function whyBehind(store: Store, folder: string, state: LogState): Promise<Blocked | undefined> {
  const pointer = await newestPointer(store, folder, state);
  if (pointer?.version === state.version) return undefined;
  const side = pointer && (await readSide(store, folder, pointer));
  let blocked: Blocked | undefined;
  let earlier: LogState | undefined;
  for (let version = (pointer?.version ?? state.version - 1) + 1; version <= state.version; version++) {
    const at = version === state.version ? state : await stateAt(store, folder, version, earlier);
    if (at === undefined) continue;
    earlier = at;
    try {
      checkReadable(folder, at.protocol, at.metaData);
      targetOf(folder, at, side);
      blocked = undefined;
    } catch (error) {
      blocked ??= blockedBy(version, error);
    }
  }
  return blocked;
}
