import { OneCopyError } from "../base/index.ts";
import type { Column } from "../engine/index.ts";

/** What can be asked of a column. */
export type Kind = "text" | "number" | "boolean" | "date" | "timestamp";

export interface Attribute {
  readonly name: string;
  readonly kind: Kind;
  /** The engine's. */
  readonly type: string;
}

const kinds: readonly (readonly [RegExp, Kind])[] = [
  [/^VARCHAR$/, "text"],
  [/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$|^(FLOAT|DOUBLE)$|^DECIMAL\(/, "number"],
  [/^BOOLEAN$/, "boolean"],
  [/^DATE$/, "date"],
  [/^TIMESTAMP/, "timestamp"],
];

/** Fails with `segment.unknown_attribute`, `segment.attribute_type_unsupported`. */
export function attributeOf(name: string, columns: readonly Column[]): Attribute {
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) {
    const names = columns.map((candidate) => candidate.name);
    const near = closest(name, names);
    throw new OneCopyError(
      "segment.unknown_attribute",
      `There is no attribute ${JSON.stringify(name)}${near === undefined ? "" : `; did you mean ${near}?`}`,
      { remedy: `The attributes are ${names.join(", ")}.` },
    );
  }
  const kind = kinds.find(([pattern]) => pattern.test(column.type))?.[1];
  if (kind === undefined)
    throw new OneCopyError(
      "segment.attribute_type_unsupported",
      `Attribute ${name} is ${column.type}; a rule can use texts, numbers, booleans, dates and timestamps.`,
      { remedy: "Use another attribute." },
    );
  return { name, kind, type: column.type };
}

/** The name that a mistyped one most likely means; undefined when none is near. */
function closest(name: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((candidate) => ({
      candidate,
      distance: editDistance(name.toLowerCase().slice(0, 100), candidate.toLowerCase()),
    }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(2, name.length / 3) ? best.candidate : undefined;
}

/** Levenshtein. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
