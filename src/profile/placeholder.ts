import type { Tag } from "../source/index.ts";

/** Words that are written where there is nothing to say. */
const words = [
  "n/a", "n.a.", "unknown", "unbekannt", "undefined", "missing", "tbd", "tba", "not available", "not provided",
  "not applicable", "not known", "no name", "noname", "no email", "no phone", "test", "tester", "testing", "test test",
  "dummy", "anonymous", "redacted", "deleted", "firstname", "lastname", "first name", "last name", "surname", "asdf",
  "do not use", "do not contact", "do not mail",
]; // prettier-ignore

/** Placeholders that are also names of people (Ms Null, Mr Na): as a name they are junk only in small letters or capitals. */
const wordsThatAreNames = ["na", "null", "none", "nil", "nan"];

const mailboxes =
  "(test|none|no|na|null|nil|nobody|unknown|anonymous|no-?e?-?mail|no-?reply|do-?not-?reply|not-?provided|x+|asdf)";

/** The value, or null where it is a placeholder, which never wins: SQL on a column of trimmed text. */
export function withoutPlaceholder(tag: Tag, column: string): string {
  return `CASE WHEN ${isPlaceholder(tag, column)} THEN NULL ELSE ${column} END`;
}

/** One figure again and again, or 1234567…, with whatever stands in between. */
const idlePhones = [
  ...[..."0123456789"].map((figure) => `[^0-9]*(${figure}[^0-9]*)*`),
  `[^0-9]*${[..."1234567"].join("[^0-9]*")}([^0-9]*8([^0-9]*9([^0-9]*0)?)?)?[^0-9]*`,
].join("|");

function isPlaceholder(tag: Tag, column: string): string {
  const general = [
    // No letter and no figure, or nothing but 0, 9 or x.
    `regexp_full_match(${column}, '[^\\p{L}\\p{N}]*|[0\\s./()-]*|[9\\s./()-]*|[xX]+')`,
    `lower(${column}) IN (${words.map((word) => `'${word}'`).join(", ")})`,
  ];
  return [...general, ...special(tag, column)].join(" OR ");
}

function special(tag: Tag, column: string): string[] {
  switch (tag) {
    case "given_name":
    case "surname":
    case "full_name":
      return [oneOf(column, [...wordsThatAreNames, ...wordsThatAreNames.map((word) => word.toUpperCase())])];
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
      return [oneOf(`lower(${column})`, wordsThatAreNames)];
  }
}

function oneOf(value: string, texts: readonly string[]): string {
  return `${value} IN (${texts.map((text) => `'${text}'`).join(", ")})`;
}
