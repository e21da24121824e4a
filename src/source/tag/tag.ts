/**
 * What a column means. A column has at most one tag. Several columns of a relation may be parts of one `address` (street and house
 * number), `given_name`, `middle_name` or `surname`: their values, joined by one blank in column order. A birth date that stands in three
 * columns is `birth_year`, `birth_month` and `birth_day`.
 *
 * `foreign_key:<name>` holds the `customer_key` of the source of that name; when there is no such source, equal
 * values in columns with the same tag mean the same person. `national_id` is a number that a state gave a person
 * (social security, tax, health insurance).
 */
export type Tag = PlainTag | ForeignKeyTag;
export type PlainTag = (typeof plainTags)[number];
export type ForeignKeyTag = `foreign_key:${string}`;

export const plainTags = [
  "given_name",
  "middle_name",
  "surname",
  "full_name",
  "email",
  "phone",
  "birthdate",
  "birth_year",
  "birth_month",
  "birth_day",
  "birthplace",
  "address",
  "address2",
  "city",
  "state",
  "postal",
  "country",
  "gender",
  "company",
  "occupation",
  "national_id",
  "customer_key",
  "created_time",
  "updated_time",
  "transaction_key",
  "transaction_time",
  "transaction_amount",
  "currency",
] as const;

const identifying: ReadonlySet<string> = new Set<PlainTag>([
  "given_name",
  "middle_name",
  "surname",
  "full_name",
  "email",
  "phone",
  "birthdate",
  "birth_year",
  "birth_month",
  "birth_day",
  "address",
  "address2",
  "national_id",
  "customer_key",
  "transaction_key",
]);

/** Whether values under this tag point at one person: names, e-mail, phone, street, birth date, keys. */
export function isIdentifying(tag: Tag): boolean {
  return identifying.has(tag) || isForeignKey(tag);
}

export function isForeignKey(tag: Tag): tag is ForeignKeyTag {
  return tag.startsWith("foreign_key:");
}

/** Reads a tag that a person wrote; undefined when there is none of that name. */
export function parseTag(text: string): Tag | undefined {
  if ((plainTags as readonly string[]).includes(text)) return text as PlainTag;
  return /^foreign_key:[A-Za-z0-9_.-]+$/.test(text) ? (text as ForeignKeyTag) : undefined;
}
