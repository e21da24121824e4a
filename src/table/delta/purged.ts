import type { CommitInfoAction } from "./action.ts";

/** The operation that no write under way outlives: what it wrote could bring back what was purged. */
export const operationPurge = "PURGE";

/** What stands in the place of a commit that was purged. */
const operationPurged = "PURGED";

const featurePurged = "onecopy.purged";

export function isPurge(info: CommitInfoAction | undefined): boolean {
  return info?.operation === operationPurge || isPurged(info);
}

export function isPurged(info: CommitInfoAction | undefined): boolean {
  return info?.operation === operationPurged;
}

/**
 * A commit without what it said. A log without it would let a writer that is still at the version before take its number.
 * It wants a feature that there is not, so that every reader refuses the version (Delta protocol, "Reader
 * Requirements"), and every writer that was at work gives way.
 */
export function renderPurged(timestampMs: number): string {
  const commitInfo = { timestamp: timestampMs, operation: operationPurged, operationParameters: {} };
  const protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: [featurePurged],
    writerFeatures: [featurePurged],
  };
  return `${JSON.stringify({ commitInfo })}\n${JSON.stringify({ protocol })}\n`;
}
