import { OneCopyError } from "../base/index.ts";

/** An address that names no store. `why` repeats no part of it that could be a secret. */
export function badUrl(why: string, remedy: string): OneCopyError {
  return new OneCopyError("storage.bad_url", `The store cannot be opened: ${why}.`, { remedy });
}
