const NOT_DECOMPOSED: Readonly<Record<string, string>> = {
  ł: "l",
  Ł: "L",
  ß: "ss",
  ø: "o",
  æ: "ae",
  œ: "oe",
};

/** The text as a system without diacritics keeps it: `Muñoz` → `Munoz`. */
export function toAscii(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^\0-\x7f]/g, (letter) => NOT_DECOMPOSED[letter] ?? "");
}

/** UTF-8 read as Windows-1252, the classic of exports: `Muñoz` → `MuÃ±oz`. */
export function toMojibake(text: string): string {
  return new TextDecoder("windows-1252").decode(new TextEncoder().encode(text));
}
