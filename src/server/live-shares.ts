import type { SharesConfig } from "../access/index.ts";
import type { Clock } from "../base/index.ts";
import { type Project, currentRevision } from "../project/index.ts";

/** How long a revoked grant may still be honoured. */
const FRESH_MS = 1000;

/** The shares of the newest revision, read again when older than a second; a failure is never remembered. */
export function liveShares(project: Project, clock: Clock): () => Promise<SharesConfig> {
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<SharesConfig> | undefined;
  return async () => {
    const nowMs = clock.now().getTime();
    if (reading === undefined || Math.abs(nowMs - readAtMs) >= FRESH_MS) {
      readAtMs = nowMs;
      const current = currentRevision(project).then((revision) => revision.config.shares);
      reading = current;
      current.catch(() => {
        if (reading === current) reading = undefined;
      });
    }
    return reading;
  };
}
