import { textList } from "../../engine/index.ts";
import { withLogEngine } from "../log-engine.ts";

/** The number of rows of a Parquet file, from its footer. `address`: as of `Store.locate`. */
export async function countRows(address: string): Promise<number> {
  return await withLogEngine(async (session) => {
    const files = textList([address.replaceAll(/[[*?]/g, "[$&]")]);
    const [row] = await session.rows<{ rows: number }>(
      `SELECT sum(num_rows)::BIGINT AS rows FROM parquet_file_metadata(${files})`,
    );
    return row?.rows ?? 0;
  });
}
