import { birthParts, isForeignKey, isIdentifying, type PlainTag, type Tag } from "../source/index.ts";

/** A source as the unified model sees it. */
export interface ProfileSource {
  readonly name: string;
  /** Name of its table or mount, such as `raw.web_shop`. */
  readonly relationName: string;
  /** Unique in the relation and never null. */
  readonly idColumn: string;
  readonly tags: Readonly<Record<string /* column */, Tag>>;
  /** IANA zone of times that are written without one; default UTC. */
  readonly timezone?: string | undefined;
}

/** Tags that say something about an order or a record, not about a person. */
const aboutNobody: ReadonlySet<string> = new Set<PlainTag>([
  "created_time",
  "updated_time",
  "transaction_key",
  "transaction_time",
  "transaction_amount",
  "currency",
]);

/** Whether the records of a source describe people themselves; orders that only point to people don't. */
export function describesPeople(source: ProfileSource): boolean {
  return Object.values(source.tags).some((tag) => !aboutNobody.has(tag) && !isForeignKey(tag));
}

export function hasTransactions(source: ProfileSource): boolean {
  return Object.values(source.tags).includes("transaction_key");
}

/** The columns of a source that have a tag, in the source's order. */
export function columnsOf(source: ProfileSource, tag: Tag): string[] {
  return Object.keys(source.tags).filter((column) => source.tags[column] === tag);
}

/** The tags that any of the sources has: plain ones in the order of `among`, then foreign keys by name. */
export function tagsOf(sources: readonly ProfileSource[], among: readonly PlainTag[]): Tag[] {
  const found = new Set(sources.flatMap((source) => Object.values(source.tags)));
  return [...among.filter((tag) => found.has(tag)), ...[...found].filter(isForeignKey).sort()];
}

/** Whether a birth date stands in several columns of the source. */
export function hasBirthParts(source: ProfileSource): boolean {
  return birthParts.some((part) => columnsOf(source, part).length > 0);
}

/** The column of the unified tables that holds a tag's values. */
export function columnName(tag: Tag): string {
  return tag.replace(/[^A-Za-z0-9_]/g, "_");
}

/** Those of the tags' columns that point at one person. */
export function identifyingColumnsOf(tags: readonly Tag[]): string[] {
  return tags.filter(isIdentifying).map(columnName);
}
