import { textList } from "../../engine/index.ts";
import type { Store } from "../../storage/index.ts";
import { withLogEngine } from "../log-engine.ts";
import { engineAddress } from "../path.ts";

/** The number of rows of a Parquet file, from its footer. */
export async function countRows(store: Store, key: string): Promise<number> {
  return await withLogEngine(async (session) => {
    const files = textList([engineAddress(store, key)]);
    const [row] = await session.rows<{ rows: number }>(
      `SELECT sum(num_rows)::BIGINT AS rows FROM parquet_file_metadata(${files})`,
    );
    return row?.rows ?? 0;
  });
}
