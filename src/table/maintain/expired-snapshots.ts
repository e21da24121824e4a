import type { TableMetadata } from "../iceberg/metadata.ts";
import { referenced } from "./iceberg-reach.ts";
import type { Retention } from "./retention.ts";

/**
 * The snapshots that are listed longer than the table keeps versions: another one took their place before that. What a
 * branch or a tag holds stays.
 */
export function expiredSnapshots(
  metadata: TableMetadata,
  { versionsMs, minVersions }: Retention,
  nowMs: number,
): Set<bigint> {
  const cutoffMs = nowMs - versionsMs;
  const held = referenced(metadata, cutoffMs);
  const inOrder = [...metadata.snapshots].sort((a, b) => a["timestamp-ms"] - b["timestamp-ms"]);
  const expired = inOrder.filter((one, i) => {
    const next = inOrder[i + 1];
    return (
      next !== undefined &&
      next["timestamp-ms"] <= cutoffMs &&
      i < inOrder.length - minVersions &&
      one["snapshot-id"] !== metadata["current-snapshot-id"] &&
      !held.has(one["snapshot-id"])
    );
  });
  return new Set(expired.map((one) => one["snapshot-id"]));
}
