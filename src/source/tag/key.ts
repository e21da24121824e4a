import { ident, type Session, textList } from "../../engine/index.ts";
import { wordsOf } from "./header.ts";
import { type KeyReading, readKeyHeader } from "./key-header.ts";
import { percent } from "./fit.ts";
import type { ColumnMeasure } from "./measure.ts";
import type { OtherSource, TagContext, TagSuggestion } from "./suggestion.ts";

/** A column whose name is a key's, with what it is a key of. */
export interface KeyColumn {
  readonly column: ColumnMeasure;
  readonly reading: KeyReading;
}

export function keyColumns(columns: readonly ColumnMeasure[], sourceName: string | undefined): KeyColumn[] {
  return columns.flatMap((column) => {
    const reading = readKeyHeader(column.name, sourceName);
    if (reading === undefined || column.filled === 0) return [];
    if (/^(?:DATE|TIME|FLOAT|DOUBLE|BOOLEAN)/.test(column.type) || column.averageLength > 80) return [];
    return column.share("date") > 0.9 && column.averageLength > 6 ? [] : [{ column, reading }];
  });
}

/** The key of an order: unique, or shared by the lines of one order. */
export function transactionKey(keys: readonly KeyColumn[]): TagSuggestion | undefined {
  const own =
    keys.find(({ column, reading }) => reading.kind === "transaction" && column.unique) ??
    keys.find(({ column, reading }) => reading.kind === "record" && column.unique) ??
    keys.find(({ column, reading }) => reading.kind === "transaction" && column.distinct > column.rows * 0.2);
  if (own === undefined) return undefined;
  return {
    column: own.column.name,
    tag: "transaction_key",
    confidence: own.column.unique ? 0.95 : 0.7,
    reason: own.column.unique
      ? "the column's name is that of an order's key, and no value comes twice"
      : "the column's name is that of an order's key; its values come more than once, as with the lines of an order",
  };
}

/** The key of the record itself: unique, without a gap, and named like a key. */
export function customerKey(keys: readonly KeyColumn[]): TagSuggestion | undefined {
  const own = keys
    .filter(({ column, reading }) => column.unique && reading.kind !== "transaction")
    .sort((a, b) => plainness(b) - plainness(a))[0];
  if (own === undefined) return undefined;
  return {
    column: own.column.name,
    tag: "customer_key",
    confidence: own.reading.kind === "person" ? 0.95 : 0.9,
    reason: "the column's name is that of a key, every row has a value, and no value comes twice",
  };
}

/** `id` before `customer_id` (which beside an `id` comes from elsewhere), both before `uuid`. */
function plainness({ column, reading }: KeyColumn): number {
  const joined = wordsOf(column.name).join("");
  if (joined === "id") return 3;
  if (/uu|gu|ext|global/.test(joined)) return 0;
  return reading.kind === "person" ? 2 : 1;
}

/** Keys of a person in another system. */
export async function foreignKeys(
  session: Session,
  columns: readonly ColumnMeasure[],
  context: TagContext,
): Promise<TagSuggestion[]> {
  const found: TagSuggestion[] = [];
  for (const column of columns) {
    if (column.filled === 0) continue;
    const reading = readKeyHeader(column.name);
    const target = await targetOf(session, column, reading, context.otherSources ?? []);
    if (target !== undefined) found.push(target);
    else if (reading?.kind === "person" && linksByItself.has(reading.entity) && column.distinct > 1) {
      // Two systems may number their customers alike: without a source to point at, the key counts here only.
      const name = [context.sourceName, reading.entity].filter((part) => part !== undefined).join(".");
      found.push({
        column: column.name,
        tag: `foreign_key:${name}`,
        confidence: 0.7,
        reason: `the column's name is that of a ${reading.entity}'s key, and it is not the record's own`,
      });
    }
  }
  return found;
}

/** An account may be a whole company's, a guest or a person may be anything. */
const linksByItself = new Set(["customer", "user", "member", "loyalty", "contact", "subscriber", "patient"]);

async function targetOf(
  session: Session,
  column: ColumnMeasure,
  reading: KeyReading | undefined,
  others: readonly OtherSource[],
): Promise<TagSuggestion | undefined> {
  const joined = wordsOf(column.name).join("");
  const targets: { other: OtherSource; contained: number; likeness: number }[] = [];
  for (const other of others) {
    const key = wordsOf(other.keyColumn).join("");
    const words = wordsOf(other.name);
    const likeness =
      (key === joined && key !== "id" ? 2 : 0) +
      (joined.includes(words.join("").replace(/s$/, "")) ? 2 : 0) +
      (words.some((word) => word.length > 3 && joined.includes(word.replace(/s$/, ""))) ? 1 : 0);
    if (likeness === 0 && reading?.kind !== "person") continue;
    const contained = await containedShare(session, column, other);
    if (contained >= 0.5) targets.push({ other, contained, likeness });
  }
  targets.sort((a, b) => b.likeness - a.likeness || b.contained - a.contained);
  const [best, next] = targets;
  // Keys that count from 1 are contained in every source: then only a name can tell which is meant.
  if (
    best === undefined ||
    (next !== undefined && next.likeness === best.likeness && next.contained > best.contained * 0.9)
  )
    return undefined;
  return {
    column: column.name,
    tag: `foreign_key:${best.other.name}`,
    confidence: Math.min(0.97, 0.6 + 0.3 * best.contained + 0.05 * best.likeness),
    reason: `${percent(best.contained)} of the values are keys of the source ${best.other.name}`,
  };
}

async function containedShare(session: Session, column: ColumnMeasure, other: OtherSource): Promise<number> {
  const [row] = await session.rows<{ n: number }>(
    `SELECT count(DISTINCT trim(CAST(${ident(other.keyColumn)} AS VARCHAR))) AS n FROM ${other.relation}
     WHERE trim(CAST(${ident(other.keyColumn)} AS VARCHAR)) IN (SELECT unnest(${textList(column.values)}))`,
  );
  return row!.n / column.values.length;
}
