import type { Tag } from "./tag.ts";

export interface TagSuggestion {
  /** As the relation spells it. */
  readonly column: string;
  readonly tag: Tag;
  /** 0…1. Below 0.5 nothing is suggested. */
  readonly confidence: number;
  /** For a person to read: what the name and the values say. */
  readonly reason: string;
}

/** A source whose keys a column may hold. */
export interface OtherSource {
  readonly name: string;
  /** The relation and the column of its `customer_key`. */
  readonly relation: string;
  readonly keyColumn: string;
}

export interface TagContext {
  readonly sourceName?: string;
  readonly otherSources?: readonly OtherSource[];
  /** What a person said of columns, `none` included: such a column takes no other meaning away from another one. */
  readonly confirmed?: Readonly<Record<string, string>>;
  /** The column that tells the rows apart, where that is settled: then no other one is the record's own key. */
  readonly ownKey?: string | undefined;
}
