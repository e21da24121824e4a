import { LabelledFiles, type Truth } from "./labelled-files.ts";
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

/** The rows as labelled files of one source; the truth is in the column `truth`, which the file does not have. */
export async function writeRows(
  folder: string,
  source: string,
  rows: readonly Row[],
  truth: string,
): Promise<void> {
  const columns = Object.keys(rows[0]!).filter((column) => column !== truth);
  const files = await LabelledFiles.create(folder, 1, { [source]: columns });
  for (const row of rows) await files.write(source, row, { person: row[truth]! });
  await files.close();
}

/** A record with what a generator knows of it. */
export interface LabelledRow {
  readonly row: Readonly<Record<string, string | undefined>>;
  readonly truth: Truth;
}

/** The rows by source; each gets a number in random order, in a first column `id`. */
export async function writeLabelled(
  folder: string,
  seed: number,
  sources: Readonly<Record<string, readonly LabelledRow[]>>,
): Promise<void> {
  const columns = Object.entries(sources).map(([source, rows]) => [
    source,
    ["id", ...Object.keys(rows[0]!.row)],
  ]);
  const files = await LabelledFiles.create(folder, seed, Object.fromEntries(columns));
  for (const [source, rows] of Object.entries(sources))
    for (const [i, { row, truth }] of rows.entries())
      await files.write(source, { id: String(10_000_000 + ((i * 1_299_709) % 20_000_003)), ...row }, truth);
  await files.close();
}
