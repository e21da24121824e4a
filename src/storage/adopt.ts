import { OneCopyError } from "../base/index.ts";
import { objectExists } from "./exists.ts";
import { oneLine } from "./key.ts";
import { backOff, mostAttempts } from "./retry.ts";
import type { Store } from "./store.ts";

/**
 * Makes bytes a new object by one put. An object that is there with these very bytes is this one: an earlier attempt
 * made it, or a proxy that repeated the request.
 */
export async function adoptByPut(store: Store, body: Uint8Array, key: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const put = await store.put(key, body, { ifAbsent: true });
    if (put.kind === "written") return;
    const found = await store.get(key);
    if (found.kind === "found") {
      if (Buffer.compare(found.body, body) === 0) return;
      throw objectExists(store.url, key);
    }
    if (attempt === mostAttempts)
      throw notWritten(store.url, key, put.kind === "unknown" ? put.cause : undefined);
    await backOff(attempt);
  }
}

export function notWritten(url: string, key: string, cause: unknown): OneCopyError {
  return new OneCopyError(
    "storage.failed",
    `${url}${oneLine(key)} was not written, in spite of several attempts.`,
    {
      cause,
      remedy: "The store is overloaded, or the connection to it is bad: try again later.",
    },
  );
}
