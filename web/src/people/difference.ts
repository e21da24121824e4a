import type { SourceRecord } from "../api/shape.ts";
import { formatCell } from "../look/format.ts";

/** One tag's values over the records, in the records' order. */
export interface TagRow {
  readonly tag: string;
  readonly cells: readonly TagCell[];
  /** How many different values the records have. */
  readonly values: number;
}

/**
 * `differs`: not what most records say of the person. Where no value has a majority of its own, all of them differ.
 * Keys and times are of each record, so their values never differ in this sense.
 */
export type TagCell =
  | { readonly kind: "none" }
  | { readonly kind: "agrees" | "differs"; readonly text: string };

/** Tags in the order in which one reads a person; others follow by name. */
const order = [
  "full_name",
  "given_name",
  "surname",
  "gender",
  "birthdate",
  "company",
  "email",
  "phone",
  "address",
  "address2",
  "postal",
  "city",
  "state",
  "country",
];

/** The rows of the table of records: every tag that any record has a value for. */
export function tagRows(records: readonly SourceRecord[]): readonly TagRow[] {
  const tags = new Set(records.flatMap((record) => Object.keys(record.values)));
  return [...tags]
    .toSorted((a, b) => rankOf(a) - rankOf(b) || a.localeCompare(b))
    .map((tag) => rowOf(tag, records))
    .filter((row) => row.values > 0);
}

/** Tags, and the columns made of them, that say something about the record or an order, not about the person. */
const ofTheRecord = /^(customer_key|foreign_key[:_].+|transaction_.+|currency|created_time|updated_time)$/;

function rankOf(tag: string): number {
  const rank = order.indexOf(tag);
  return rank < 0 ? order.length + Number(ofTheRecord.test(tag)) : rank;
}

function rowOf(tag: string, records: readonly SourceRecord[]): TagRow {
  const texts = records.map((record) => formatCell(record.values[tag]));
  const counts = new Map<string, number>();
  for (const text of texts) {
    if (text === undefined) continue;
    const value = valueOf(tag, text);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const [first, second] = [...counts].toSorted((a, b) => b[1] - a[1]);
  const usual = first !== undefined && (second === undefined || first[1] > second[1]) ? first[0] : undefined;
  const cells = texts.map((text): TagCell => {
    if (text === undefined) return { kind: "none" };
    return { kind: ofTheRecord.test(tag) || valueOf(tag, text) === usual ? "agrees" : "differs", text };
  });
  return { tag, cells, values: counts.size };
}

/** What two texts must share to be one value to the eye. Letters' case, spaces, and what stands around a phone's number don't count. */
function valueOf(tag: string, text: string): string {
  // With or without the country: nine digits tell two numbers of a person apart anywhere.
  if (tag === "phone") return text.replaceAll(/\D/g, "").slice(-9);
  return text.normalize("NFKC").toLocaleLowerCase("en").replaceAll(/\s+/g, " ").trim();
}
