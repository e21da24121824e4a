/** How many callers are remembered; the one that was heard of least recently is forgotten first. */
const REMEMBERED = 10_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/**
 * A token bucket for each caller: so many calls a minute on average, and as many at once. In the memory of one process,
 * and bounded, whoever calls.
 */
export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();

  /** Takes one call off; the milliseconds after which the caller may call again, or 0 when it may now. */
  take(caller: string, perMinute: number, nowMs: number): number {
    const bucket = this.refilled(caller, perMinute, nowMs);
    if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) * 60_000) / perMinute);
    bucket.tokens -= 1;
    return 0;
  }

  /** Undoes one {@link take}. */
  giveBack(caller: string): void {
    const bucket = this.buckets.get(caller);
    if (bucket !== undefined) bucket.tokens += 1;
  }

  /** How long {@link take} would say, without taking anything. */
  waitMs(caller: string, perMinute: number, nowMs: number): number {
    const { tokens } = this.refilled(caller, perMinute, nowMs);
    return tokens < 1 ? Math.ceil(((1 - tokens) * 60_000) / perMinute) : 0;
  }

  private refilled(caller: string, perMinute: number, nowMs: number): Bucket {
    const found = this.buckets.get(caller);
    const bucket = found ?? { tokens: perMinute, atMs: nowMs };
    const sinceMs = Math.max(0, nowMs - bucket.atMs);
    bucket.tokens = Math.min(perMinute, bucket.tokens + (sinceMs * perMinute) / 60_000);
    bucket.atMs = nowMs;
    this.buckets.delete(caller);
    this.buckets.set(caller, bucket);
    if (this.buckets.size > REMEMBERED) this.buckets.delete(this.buckets.keys().next().value!);
    return bucket;
  }
}
