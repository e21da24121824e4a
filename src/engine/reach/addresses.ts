import type { Store } from "../../storage/index.ts";
import type { Session } from "../session.ts";

/**
 * Where the session's SQL finds these objects, in their order: paths, or `s3://` URLs. They are raw: in a pattern,
 * as `read_parquet` takes one, `*`, `?` and `[` have to be escaped. Objects that the engine cannot reach by itself, or
 * may not since it is confined, are copied to its scratch folder, once while they do not change; of large ones, where `sizes` (in bytes) say so, only
 * what SQL reads. The copies live as long as the engine. Fails with `engine.object_missing`.
 */
export async function addresses(
  session: Pick<Session, "reach">,
  store: Store,
  keys: readonly string[],
  sizes: readonly number[] = [],
): Promise<string[]> {
  if (session.reach.opens(store)) return keys.map((key) => store.locate(key));
  return await session.reach.addresses(store, keys, sizes);
}
