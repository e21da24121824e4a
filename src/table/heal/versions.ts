import type { Store } from "../../storage/index.ts";
import type { LogState } from "../delta/replay.ts";
import { listLog } from "../delta/segment.ts";
import { keyIn } from "../path.ts";
import { stateAt } from "./state-at.ts";

/** Where nothing says what Iceberg knew, healing begins so many versions back at most. */
const farthest = 100;

/** A version that has no Iceberg side yet, and the one that the Iceberg side shows: `undefined` where it cannot be known. */
export interface ToHeal {
  readonly at: LogState;
  readonly before: LogState | undefined;
}

/** The versions after `shown`, which the Iceberg side has, up to `state`; those that cannot be known any more are left out. `known`: an earlier state, from which less has to be read. */
export async function* versionsToHeal(
  store: Store,
  folder: string,
  state: LogState,
  shown: number | undefined,
  known?: LogState,
): AsyncGenerator<ToHeal> {
  const from = shown === undefined ? await firstKnown(store, folder, state) : shown + 1;
  if (from > state.version) return;
  const before = shown === undefined ? undefined : await stateAt(store, folder, shown, known);
  let earlier = before;
  for (let version = from; version <= state.version; version++) {
    const at = version === state.version ? state : await stateAt(store, folder, version, earlier);
    if (at === undefined) continue;
    earlier = at;
    yield { at, before };
  }
}

/** It begins anew with what the oldest checkpoint tells that is not far back: whoever cleaned up kept the versions from there on. */
async function firstKnown(
  store: Store,
  folder: string,
  { version, checkpointVersion }: LogState,
): Promise<number> {
  if (checkpointVersion === undefined) return version;
  const farBack = Math.max(0, version - farthest);
  const { checkpoints } = await listLog(store, keyIn(folder, "_delta_log/"), farBack);
  return Math.min(version, checkpoints[0]?.version ?? farBack);
}
