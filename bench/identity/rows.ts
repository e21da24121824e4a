import type { Random } from "./random.ts";

/** A record of a set that is small enough to be made at once. */
export type Row = Readonly<Record<string, string>>;

/** In random order, and numbered in a column `id`. */
export function shuffled(rows: readonly Row[], random: Random): Row[] {
  return rows
    .map((row) => ({ row, place: random.next() }))
    .sort((left, right) => left.place - right.place)
    .map(({ row }, i) => ({ id: String(i), ...row }));
}
