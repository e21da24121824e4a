import { OneCopyError } from "../base/index.ts";
import type { Store } from "../storage/index.ts";

/** A key of our own, so putting it again after a doubtful outcome is harmless; the commit may refer to it only when it is there. */
export async function putSurely(store: Store, key: string, body: Uint8Array | string): Promise<void> {
  for (let attempt = 0; attempt < 5; attempt++) {
    if ((await store.put(key, body)).kind === "written") return;
    await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
  }
  throw new OneCopyError("table.write_failed", `Whether ${key} was written could not be found out.`, {
    remedy: "Try again; the table is unchanged.",
  });
}
