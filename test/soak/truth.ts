/** A batch of rows that one commit wrote: every reader sees all of it or nothing. */
export const BATCH_ROWS = 200;

/** What a reader says of each batch that it saw: its number, rows, sum of `v`, least and greatest `touched`. */
export type SeenBatch = readonly [batch: number, rows: number, sum: number, least: number, greatest: number];

/** In SQL, by which every reader that has it sums up. */
export const SUMMED =
  "SELECT batch, count(*) AS n, sum(v)::BIGINT AS s, min(touched) AS a, max(touched) AS b";

interface Batch {
  readonly begunMs: number;
  writtenMs?: number;
  removingMs?: number;
  removedMs?: number;
}

/** What is in the table, as far as its writers have been told; moments of one clock. */
export class Truth {
  private readonly batches = new Map<number, Batch>();
  private last = 0;

  begin(): number {
    this.last += 1;
    this.batches.set(this.last, { begunMs: performance.now() });
    return this.last;
  }

  written(batch: number): void {
    this.batches.get(batch)!.writtenMs = performance.now();
  }

  /** Batches to remove, the oldest, so that `keep` are left. */
  removing(keep: number): number[] {
    const there = [...this.batches].filter(
      ([, { writtenMs, removingMs }]) => writtenMs !== undefined && removingMs === undefined,
    );
    const old = there.slice(0, Math.max(0, there.length - keep));
    for (const [, one] of old) one.removingMs = performance.now();
    return old.map(([batch]) => batch);
  }

  removed(batches: readonly number[]): void {
    for (const batch of batches) this.batches.get(batch)!.removedMs = performance.now();
  }

  /** A batch that is there and stays so for now. */
  some(): number | undefined {
    const there = [...this.batches].filter(
      ([, { writtenMs, removingMs }]) => writtenMs !== undefined && removingMs === undefined,
    );
    return there[Math.floor(there.length * (0.5 + Math.random() / 2))]?.[0];
  }

  get count(): number {
    return [...this.batches.values()].filter(({ writtenMs }) => writtenMs !== undefined).length;
  }

  /** What is wrong with what somebody read between two moments. */
  wrong(seen: readonly SeenBatch[], begunMs: number, endedMs: number): string[] {
    const wrong: string[] = [];
    const numbers = new Set(seen.map(([batch]) => batch));
    for (const [batch, rows, sum, least, greatest] of seen) {
      const one = this.batches.get(batch);
      if (one === undefined || one.begunMs > endedMs) wrong.push(`batch ${batch} was never written`);
      if (one?.removedMs !== undefined && one.removedMs < begunMs)
        wrong.push(`batch ${batch} was removed before`);
      if (rows !== BATCH_ROWS || sum !== sumOf(batch))
        wrong.push(
          `batch ${batch} has ${rows} rows, sum ${sum}: ${BATCH_ROWS}, ${sumOf(batch)} were written`,
        );
      if (least !== greatest) wrong.push(`batch ${batch} was touched in part: ${least} to ${greatest}`);
    }
    for (const [batch, one] of this.batches) {
      const isThere = one.writtenMs !== undefined && one.writtenMs < begunMs;
      const stays = one.removingMs === undefined || one.removingMs > endedMs;
      if (isThere && stays && !numbers.has(batch)) wrong.push(`batch ${batch} is missing`);
    }
    return wrong;
  }
}

/** Of `v` in a batch; `v` is (batch × 7919 + k × 31) mod 10007. */
function sumOf(batch: number): number {
  let sum = 0;
  for (let k = 0; k < BATCH_ROWS; k++) sum += (batch * 7919 + k * 31) % 10007;
  return sum;
}

/** The rows of a batch, in SQL. */
export function batchQuery(batch: number): string {
  return `SELECT ${batch}::BIGINT AS batch, k::BIGINT AS k, ((${batch} * 7919 + k * 31) % 10007)::BIGINT AS v, 0::BIGINT AS touched FROM range(${BATCH_ROWS}) r(k)`;
}
