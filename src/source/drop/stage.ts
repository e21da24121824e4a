import type { LogicalType } from "../../schema/index.ts";

/**
 * A file's rows in the session, before they are fitted to the table's types. Whoever makes a stage drops nothing
 * that it still names; {@link Stage.release} removes its temporary tables.
 */
export interface Stage {
  /** SQL that can stand after FROM: `_row` (1-based, in file order) and one column for each of `columns`. */
  readonly relation: string;
  readonly columns: readonly StageColumn[];
  /** SQL that can stand after FROM: `line` (of the file, 1-based, or null), `reason`, `text`. */
  readonly rejects: string;
  /** The lines of the file in which records begin, for ascending `_row`s; undefined where there are no lines. */
  readonly linesOf: ((rows: readonly number[]) => Promise<readonly number[]>) | undefined;
  release(): Promise<void>;
}

export interface StageColumn {
  /** As the table will spell it. */
  readonly name: string;
  /** In {@link Stage.relation}. */
  readonly staged: string;
  /** What the values are, and so what a new column becomes; undefined when there is no value. */
  readonly type: LogicalType | undefined;
  /** The engine's type in the stage. */
  readonly engineType: string;
}

/** Longer texts of rejected rows are cut; a row that is not one can be as long as its file. */
export const rejectedTextBytes = 4096;

/**
 * Names that a table can have: trimmed, without control characters, never empty, never twice (also not in another
 * case), and not `_file` or `_row`.
 */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set(["_file", "_row"]);
  return names.map((raw, index) => {
    const clean = [
      ...raw
        .replace(/\p{Cc}+/gu, " ")
        .replace(/\p{Surrogate}/gu, "\ufffd")
        .trim(),
    ]
      .slice(0, 60)
      .join("");
    const base = clean === "" ? `column_${index + 1}` : clean;
    let name = base;
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${base}_${n}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
