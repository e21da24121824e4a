import { OneCopyError } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { type LogState, replay } from "../delta/replay.ts";

/** A version that cannot be known any more (its commit was cleaned up) is `undefined`. */
export async function stateAt(
  store: Store,
  folder: string,
  version: number,
  earlier?: LogState,
): Promise<LogState | undefined> {
  try {
    return await replay(store, folder, version, earlier);
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "table.version_not_found") return undefined;
    throw error;
  }
}
