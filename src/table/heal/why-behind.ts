import type { LogState } from "../delta/replay.ts";
import type { Store } from "../../storage/index.ts";
import { type Blocked, blockedBy, convertible } from "./heal.ts";
import { newestPointer } from "./pointer.ts";
import { readSide } from "./side.ts";
import { versionsToHeal } from "./versions.ts";

/**
 * Why healing will not bring the Iceberg side up to `state`, as far as features, types and field ids say: nothing is
 * written, and no value is looked at. `undefined`: nothing speaks against it.
 */
export async function whyBehind(store: Store, folder: string, state: LogState): Promise<Blocked | undefined> {
  const pointer = await newestPointer(store, folder, state);
  if (pointer?.version === state.version) return undefined;
  const side = pointer && (await readSide(store, folder, pointer));
  let blocked: Blocked | undefined;
  for await (const { at, before } of versionsToHeal(store, folder, state, side?.version)) {
    try {
      await convertible(store, folder, at, side, before);
      blocked = undefined;
    } catch (error) {
      blocked ??= blockedBy(at.version, error);
    }
  }
  return blocked;
}
