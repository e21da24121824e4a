import { basename } from "node:path";
import { OneCopyError } from "../../base/index.ts";

/** What a file's records are called in the output: its name without folder and ending (`shop/orders.csv.gz` is `orders`). */
export function stemOf(file: string): string {
  return basename(file).replace(
    /(?<=.)(?:\.(?:csv|tsv|txt|jsonl|ndjson|json)(?:\.gz)?|\.(?:parquet|parq|pq))$/i,
    "",
  );
}

/** Fails with `identity.same_stem`: the output could not tell the two files' records apart. */
export function requireDifferentStems(files: readonly string[]): void {
  const first = new Map<string, string>();
  for (const file of files) {
    const stem = stemOf(file);
    const other = first.get(stem);
    if (other !== undefined)
      throw new OneCopyError(
        "identity.same_stem",
        `${other} and ${file} have the same name but for folder and ending, and the output calls records by it: ${stem}.`,
        { remedy: "Rename one of the files; if both are parts of one table, put them into one file." },
      );
    first.set(stem, file);
  }
}
