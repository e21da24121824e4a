import { literal, type Session } from "../../engine/index.ts";
import type { BlockReport } from "../block/candidates.ts";

/** Makes `identity_blocks(position, key, pairs, refined_values, skipped_records)`: what each blocking key cost, in the order in which they were tried. */
export async function writeBlocks(session: Session, blocks: readonly BlockReport[]): Promise<void> {
  const rows = blocks.map(
    ({ key, pairs, refinedValues, skippedRecords }, i) =>
      `(${i}, ${literal(key)}, ${pairs}, ${refinedValues}, ${skippedRecords})`,
  );
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_blocks AS
    SELECT CAST(position AS INTEGER) AS position, key, CAST(pairs AS BIGINT) AS pairs,
      CAST(refined_values AS BIGINT) AS refined_values, CAST(skipped_records AS BIGINT) AS skipped_records
    FROM (VALUES ${rows.join(", ")}) b(position, key, pairs, refined_values, skipped_records)`);
}
