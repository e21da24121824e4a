import { type RecipientsConfig, type Shares, sharesAt } from "../access/index.ts";
import type { LiveSegments } from "../bridge/index.ts";
import type { Clock } from "../base/index.ts";
import { trinoName } from "../catalog/index.ts";
import { type Project, currentRevision } from "../project/index.ts";

/** How long a revoked grant may still be honoured. */
const FRESH_MS = 1000;

/** Who may read what, and whom the segments hold, as the newest revision says it now. */
export interface LiveAccess {
  shares(): Promise<Shares>;
  recipients(): Promise<RecipientsConfig>;
  segments(): Promise<LiveSegments>;
}

/** From the newest revision, read again when older than a second; a failure is never remembered. */
export function liveAccess(project: Project, clock: Clock): LiveAccess {
  let readAtMs = Number.NEGATIVE_INFINITY;
  let reading: ReturnType<typeof currentRevision> | undefined;
  const revision = async () => {
    const nowMs = clock.now().getTime();
    if (reading === undefined || Math.abs(nowMs - readAtMs) >= FRESH_MS) {
      readAtMs = nowMs;
      const current = currentRevision(project);
      reading = current;
      current.catch(() => {
        if (reading === current) reading = undefined;
      });
    }
    return await reading;
  };
  return {
    shares: async () => sharesAt((await revision()).config, clock.now()),
    recipients: async () => (await revision()).config.recipients,
    segments: async () => {
      const { number, createdAt, config } = await revision();
      return {
        segments: config.segments,
        revision: number,
        changedAtMs: Date.parse(createdAt),
        trinoName: trinoName(config),
      };
    },
  };
}
