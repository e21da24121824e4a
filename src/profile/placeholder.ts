import { isPlaceholder, type Tag } from "../source/index.ts";

/** Words that are written where there is nothing to say, besides those of {@link isPlaceholder}. */
const words = [
  "unbekannt", "missing", "tbd", "tba", "not available", "not provided",
  "not applicable", "not known", "no name", "noname", "no email", "no phone", "test", "tester", "testing", "test test",
  "dummy", "anonymous", "redacted", "deleted", "firstname", "lastname", "first name", "last name", "surname", "asdf",
  "do not use", "do not contact", "do not mail",
]; // prettier-ignore

const mailboxes =
  "(test|none|no|na|null|nil|nobody|unknown|anonymous|no-?e?-?mail|no-?reply|do-?not-?reply|not-?provided|x+|asdf)";

/**
 * The value, or null where it is a placeholder, which never wins: SQL on a relation that has a column of trimmed text for each of `tags`,
 * which is called as its tag is.
 */
export function withoutPlaceholder(tag: Tag, tags: readonly Tag[]): string {
  return `CASE WHEN ${saysNothing(tag, tag, tags)} THEN NULL ELSE ${tag} END`;
}

/** One figure again and again, or 1234567…, with whatever stands in between. */
const idlePhones = [
  ...[..."0123456789"].map((figure) => `[^0-9]*(${figure}[^0-9]*)*`),
  `[^0-9]*${[..."1234567"].join("[^0-9]*")}([^0-9]*8([^0-9]*9([^0-9]*0)?)?)?[^0-9]*`,
].join("|");

function saysNothing(tag: Tag, column: string, tags: readonly Tag[]): string {
  const general = [
    isPlaceholder(tag, column, (other) => (tags.includes(other) ? [other] : [])),
    // No letter and no figure, or nothing but 0, 9 or x.
    `regexp_full_match(${column}, '[^\\p{L}\\p{N}]*|[0\\s./()-]*|[9\\s./()-]*|[xX]+')`,
    `lower(${column}) IN (${words.map((word) => `'${word}'`).join(", ")})`,
  ];
  return [...general, ...special(tag, column)].join(" OR ");
}

function special(tag: Tag, column: string): string[] {
  switch (tag) {
    case "email":
      return [
        `NOT regexp_full_match(${column}, '[^@\\s]+@[^@\\s]+\\.[^@\\s]+')`,
        `regexp_matches(lower(${column}), '^${mailboxes}@')`,
      ];
    case "phone":
      return [
        `NOT regexp_matches(${column}, '[0-9]([^0-9]*[0-9]){4}')`,
        `regexp_full_match(${column}, '${idlePhones}')`,
      ];
    case "birthdate":
      return [
        `TRY_CAST(${column} AS DATE) IS NULL`,
        `${column} IN ('1900-01-01', '1800-01-01', '1901-01-01')`,
      ];
    default:
      return [];
  }
}
