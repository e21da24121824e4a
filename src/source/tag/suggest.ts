import type { Session } from "../../engine/index.ts";
import { birthInContext } from "./birth-context.ts";
import { type Candidate, candidatesOf } from "./candidate.ts";
import { type Meaning, readHeader } from "./header.ts";
import { customerKey, foreignKeys, keyColumns, transactionKey } from "./key.ts";
import { type ColumnMeasure, measureColumns } from "./measure.ts";
import type { TagContext, TagSuggestion } from "./suggestion.ts";
import type { PlainTag } from "./tag.ts";

/**
 * Suggests what a relation's columns mean, from their names and their values; in column order, none below a
 * confidence of 0.5. Looks at the first million rows, and at a sample of those that does not depend on chance.
 * `_file` and `_row` are never tagged. The relation is read twice.
 */
export async function suggestTags(
  session: Session,
  relation: string,
  context: TagContext = {},
): Promise<TagSuggestion[]> {
  return await suggestTagsOf(session, await measureColumns(session, relation), context);
}

/** The same by what was measured of the relation's columns. */
export async function suggestTagsOf(
  session: Session,
  columns: readonly ColumnMeasure[],
  context: TagContext,
): Promise<TagSuggestion[]> {
  const tableIsEmpty = columns.every(({ rows }) => rows === 0);
  const candidates = birthInContext(
    nameInContext(
      columns.flatMap((column) => candidatesOf(column, tableIsEmpty)).filter((one) => isOpen(one, context)),
    ),
  );

  const free = columns.filter(
    (column) =>
      !candidates.some((candidate) => candidate.column === column) && mayBeKey(column.name, context),
  );
  const keys = keyColumns(free, context.sourceName);
  const order = isTransactional(candidates, keys.length > 0 ? transactionKey(keys) : undefined, keys)
    ? transactionKey(keys)
    : undefined;
  const own = context.ownKey === undefined ? (order ?? customerKey(keys)) : undefined;
  const others = free.filter(({ name }) => name !== own?.column);
  const suggestions = [
    ...(own === undefined ? [] : [own]),
    ...(await foreignKeys(session, others, context)),
    ...assign(
      order === undefined
        ? candidates.filter((c) => !c.meaning.startsWith("transaction_") && c.meaning !== "currency")
        : asOrder(candidates),
    ),
  ];
  const position = new Map(columns.map(({ name }, i) => [name, i]));
  return suggestions
    .filter(({ confidence }) => confidence >= 0.5)
    .map((suggestion) => ({
      ...suggestion,
      confidence: Math.min(0.99, Math.round(suggestion.confidence * 100) / 100),
    }))
    .sort((a, b) => position.get(a.column)! - position.get(b.column)!);
}

function isOpen({ column, meaning }: Candidate, { confirmed = {} }: TagContext): boolean {
  const said = confirmed[column.name];
  return said === undefined || said === meaning || (said === "full_name" && meaning === "name");
}

function mayBeKey(column: string, { confirmed = {} }: TagContext): boolean {
  const said = confirmed[column];
  return said === undefined || said === "customer_key" || said === "transaction_key";
}

/** A `name` beside a first name is the surname, beside a surname the first name, and else the whole name. */
function nameInContext(candidates: readonly Candidate[]): Candidate[] {
  const has = (meaning: Meaning): boolean =>
    candidates.some((c) => c.meaning === meaning && c.confidence > 0.6 && headerOf(c.column) === meaning);
  const given = has("given_name");
  const surname = has("surname");
  return candidates.filter((candidate) => {
    if (headerOf(candidate.column) !== "name") return true;
    const single = candidate.column.share("severalWords") < 0.5;
    switch (candidate.meaning) {
      case "surname":
        return given && !surname && single;
      case "given_name":
        return surname && !given;
      case "name":
        return !(given && !surname && single) && !(surname && !given);
      default:
        return true;
    }
  });
}

function headerOf(column: ColumnMeasure): Meaning | undefined {
  const header = readHeader(column.name);
  return header === "foreign" ? undefined : header?.meaning;
}

/** An order has a key of its own and an amount, and a time or somebody who ordered. */
function isTransactional(
  candidates: readonly Candidate[],
  key: TagSuggestion | undefined,
  keys: ReturnType<typeof keyColumns>,
): boolean {
  if (key === undefined) return false;
  const has = (meaning: Meaning): boolean => candidates.some((c) => c.meaning === meaning);
  const named = keys.some(
    ({ column, reading }) => column.name === key.column && reading.kind === "transaction",
  );
  if (named)
    return (
      has("transaction_amount") ||
      (has("transaction_time") && !keys.some((k) => k.reading.kind === "record" && k.column.unique))
    );
  const repeatedPerson = keys.some(({ column, reading }) => reading.kind === "person" && !column.unique);
  return has("transaction_amount") && (has("transaction_time") || has("currency") || repeatedPerson);
}

/** An order's `created_at` is when it was placed, unless another column says when. */
function asOrder(candidates: readonly Candidate[]): Candidate[] {
  if (candidates.some((c) => c.meaning === "transaction_time")) return [...candidates];
  return candidates.map((c) =>
    c.meaning === "created_time" ? { ...c, meaning: "transaction_time" as const } : c,
  );
}

/** Gives each column its best meaning and each meaning its best column, the surest first. */
function assign(candidates: readonly Candidate[]): TagSuggestion[] {
  const byConfidence = [...candidates].sort((a, b) => b.confidence - a.confidence);
  const taken = new Map<Meaning, Candidate>();
  const columns = new Set<string>();
  for (const candidate of byConfidence) {
    const meaning = candidate.meaning === "name" ? "full_name" : candidate.meaning;
    if (taken.has(meaning) || columns.has(candidate.column.name)) continue;
    taken.set(meaning, candidate);
    columns.add(candidate.column.name);
  }
  const personal = (["given_name", "surname", "email", "phone", "birthdate", "birth_year"] as const).some(
    (m) => taken.has(m),
  );
  const name = taken.get("full_name");
  // Articles have names too: without other columns of somebody who can be met or reached, a name must look like a person's.
  if (name !== undefined && !personal && !taken.has("address") && name.column.share("personName") < 0.15)
    taken.delete("full_name");
  if (!taken.has("address")) {
    taken.delete("house_number");
    taken.delete("address2");
  }
  return [...taken].map(([meaning, { column, confidence, reason }]) => ({
    column: column.name,
    tag: (meaning === "house_number" ? "address" : meaning) as PlainTag,
    confidence,
    reason,
  }));
}
