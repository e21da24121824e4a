import type { Answer, Rows } from "../table/readers.ts";

/** What one reader found of one operation's table. */
export type Found =
  | {
      readonly kind: "read";
      /** Columns whose values are not those expected. */ readonly wrong: readonly string[];
    }
  | { readonly kind: "refused"; readonly error: string };

export interface Expected {
  readonly columns: readonly string[];
  readonly rows: Rows;
}

export function compare(expected: Expected, answer: Answer): Found {
  if ("error" in answer) return { kind: "refused", error: answer.error };
  const [wanted, seen] = [byKey(expected), byKey(answer)];
  const sameRows = JSON.stringify([...wanted.keys()].sort()) === JSON.stringify([...seen.keys()].sort());
  if (!sameRows || JSON.stringify(expected.columns) !== JSON.stringify(answer.columns))
    return { kind: "read", wrong: expected.columns };
  return {
    kind: "read",
    wrong: expected.columns.filter((name) =>
      [...wanted].some(([key, row]) => seen.get(key)![name] !== row[name]),
    ),
  };
}

/** Rows by `k`; a key that comes twice is another key. */
function byKey({ columns, rows }: Expected): Map<string, Record<string, string | null>> {
  const found = new Map<string, Record<string, string | null>>();
  for (const row of rows) {
    const record = Object.fromEntries(columns.map((name, i) => [name, row[i]!]));
    let key = String(record["k"]);
    while (found.has(key)) key += " again";
    found.set(key, record);
  }
  return found;
}
