/**
 * Lower case, Latin letters without marks, words parted by one blank: what string functions of the engine, which
 * work on bytes, can compare. Letters that `strip_accents` leaves are spelled out, and Cyrillic and Greek are
 * written in Latin letters; other scripts stay as they are and compare byte by byte. `column` is named several times,
 * so it is a column and no long expression: texts of ASCII, which most are, take the short ways.
 */
export function folded(column: string): string {
  const letters = `replace(replace(${column}, '''', ''), '’', '')`;
  return `CASE WHEN regexp_full_match(${column}, '[a-zA-Z0-9]+( [a-zA-Z0-9]+)*') THEN lower(${column})
    WHEN ${isAscii(column)} THEN trim(regexp_replace(replace(lower(${column}), '''', ''), '[^a-z0-9]+', ' ', 'g'))
    ELSE trim(regexp_replace(${spelledOut(letters)}, '[^\\p{L}\\p{N}]+', ' ', 'g')) END`;
}

/** As {@link folded}, with its punctuation kept. */
export function latin(column: string): string {
  return `CASE WHEN ${isAscii(column)} THEN lower(${column}) ELSE ${spelledOut(column)} END`;
}

function isAscii(column: string): string {
  return `strlen(${column}) = length(${column})`;
}

function spelledOut(text: string): string {
  const single = `translate(strip_accents(lower(nfc_normalize(${text}))), '${from}', '${to}')`;
  return spelled.reduce((sql, [letter, spelling]) => `replace(${sql}, '${letter}', '${spelling}')`, single);
}

const spelled: readonly (readonly [string, string])[] = [
  ["ß", "ss"],
  ["æ", "ae"],
  ["œ", "oe"],
  ["þ", "th"],
  ["ж", "zh"],
  ["х", "kh"],
  ["ц", "ts"],
  ["ч", "ch"],
  ["щ", "sch"],
  ["ш", "sh"],
  ["ю", "yu"],
  ["я", "ya"],
  ["θ", "th"],
  ["χ", "ch"],
  ["ψ", "ps"],
];

/** Letter for letter; the signs at the end have no sound and are dropped. */
const from = "łøđðıħŋабвгдеёзийклмнопрстуфыэіїєґαβγδεζηικλμνξοπρστυφωςъь";
const to = "loddihnabvgdeezijklmnoprstufyeiiegabgdeziiklmnxoprstyfos";

/**
 * How a word sounds, roughly, across European spellings: groups of letters that are heard alike become one, vowels
 * after the first letter go. Two names with one key are worth comparing; the key proves nothing. `SELECT *, sound` from
 * `words`, whose column `name` is the word, in steps that leave alone what they do not concern.
 */
export function withSound(words: string): string {
  const chain = (steps: readonly (readonly [string, string])[]): string =>
    steps.reduce((sql, [pattern, to_]) => `regexp_replace(${sql}, '${pattern}', '${to_}', 'g')`, "heard");
  const when = (pattern: string, sql: string): string =>
    `CASE WHEN regexp_matches(heard, '${pattern}') THEN ${sql} ELSE heard END`;
  const single = letters.reduce(
    (sql, [letter, sound]) => `replace(${sql}, '${letter}', '${sound}')`,
    "heard",
  );
  return `SELECT * EXCLUDE (heard), nullif(left(heard, 1) || regexp_replace(substr(heard, 2), '[aeiouyhw]+', '', 'g'), '') AS sound
    FROM (SELECT * REPLACE (${when("ll|rr|nn|tt|kk|pp|ff|ss", chain(doubles))} AS heard)
    FROM (SELECT * REPLACE (${single} AS heard)
    FROM (SELECT * REPLACE (${when("^(kn|gn|pn|wr|x)|ph|ch|sh|gh|ck|th|dt", chain(groups))} AS heard)
    FROM (SELECT *, name AS heard FROM ${words}))))`;
}

const groups: readonly (readonly [string, string])[] = [
  ["^(kn|gn|pn)", "n"],
  ["^wr", "r"],
  ["^x", "s"],
  ["ph", "f"],
  ["(sch|tsch|tch|sh|ch)", "c"],
  ["gh", ""],
  ["ck", "k"],
  ["(th|dt)", "t"],
];

const letters: readonly (readonly [string, string])[] = [
  ["q", "k"],
  ["c", "k"],
  ["d", "t"],
  ["z", "s"],
  ["w", "f"],
  ["v", "f"],
  ["g", "k"],
  ["b", "p"],
  ["j", "i"],
  ["y", "i"],
  ["m", "n"],
];

const doubles: readonly (readonly [string, string])[] = [..."lrntkpfs"].map((letter) => [
  `${letter}+`,
  letter,
]);
