import { OneCopyError } from "../base/index.ts";
import type { PutCondition, PutOutcome, Store } from "../storage/index.ts";

const attempts = 5;

/** A key of our own, so putting it again after a doubtful outcome is harmless; the commit may refer to it only when it is there. */
export async function putSurely(store: Store, key: string, body: Uint8Array | string): Promise<void> {
  if ((await putUntilKnown(store, key, body)).kind === "written") return;
  throw new OneCopyError("table.write_failed", `Whether ${key} was written could not be found out.`, {
    remedy: "Try again; the table is unchanged.",
  });
}

/** Puts again as long as the outcome is doubtful; `unknown`: it still is. With `ifAbsent` a `conflict` may be our own. */
export async function putUntilKnown(
  store: Store,
  key: string,
  body: Uint8Array | string,
  condition?: PutCondition,
): Promise<PutOutcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await store.put(key, body, condition);
    if (outcome.kind !== "unknown" || attempt >= attempts) return outcome;
    await new Promise((resolve) => setTimeout(resolve, 25 * 2 ** attempt));
  }
}
