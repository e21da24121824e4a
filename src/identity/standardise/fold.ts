/**
 * Lower case, Latin letters without marks, words parted by one blank: what string functions of the engine, which
 * work on bytes, can compare. Letters that `strip_accents` leaves are spelled out, and Cyrillic and Greek are
 * written in Latin letters; other scripts stay as they are and compare byte by byte.
 */
export function folded(text: string): string {
  return `trim(regexp_replace(${latin(`replace(replace(${text}, '''', ''), '’', '')`)}, '[^\\p{L}\\p{N}]+', ' ', 'g'))`;
}

/** As {@link folded}, with its punctuation kept. */
export function latin(text: string): string {
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
 * after the first letter go. Two names with one key are worth comparing; the key proves nothing.
 */
export function phonetic(word: string): string {
  const heard = soundsAlike.reduce(
    (sql, [pattern, sound]) => `regexp_replace(${sql}, '${pattern}', '${sound}', 'g')`,
    word,
  );
  return `nullif(left(${heard}, 1) || regexp_replace(substr(${heard}, 2), '[aeiouyhw]', '', 'g'), '')`;
}

const soundsAlike: readonly (readonly [string, string])[] = [
  ["^(kn|gn|pn)", "n"],
  ["^wr", "r"],
  ["^x", "s"],
  ["ph", "f"],
  ["(sch|tsch|tch|sh|ch)", "c"],
  ["gh", ""],
  ["(ck|q|c)", "k"],
  ["(th|dt|d)", "t"],
  ["[zs]+", "s"],
  ["[wv]", "f"],
  ["g", "k"],
  ["b", "p"],
  ["[jy]", "i"],
  ["m", "n"],
  ["l+", "l"],
  ["r+", "r"],
  ["n+", "n"],
  ["t+", "t"],
  ["k+", "k"],
  ["p+", "p"],
  ["f+", "f"],
];
