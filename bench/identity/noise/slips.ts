import type { Random } from "../random.ts";

const rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/** Keys beside a key and in the row above and below it, on a QWERTY keyboard. */
const neighbours = new Map<string, string>();
for (const [y, row] of rows.entries())
  for (const [x, key] of [...row].entries())
    neighbours.set(
      key,
      [row[x - 1], row[x + 1], rows[y - 1]?.[x], rows[y - 1]?.[x + 1], rows[y + 1]?.[x - 1], rows[y + 1]?.[x]]
        .filter((letter) => letter !== undefined)
        .join(""),
    );

/** A slip of the finger: the key beside it, a letter lost, doubled, put in, or two exchanged. */
export function keySlip(random: Random, text: string): string {
  if (text.length < 3) return text;
  const at = random.chance(0.12) ? 0 : random.between(1, text.length - 2);
  const letter = text[at]!;
  const beside = neighbours.get(letter.toLowerCase());
  const wrong = beside === undefined ? letter : beside[random.below(beside.length)]!;
  const slip = random.next();
  if (slip < 0.35) return text.slice(0, at) + cased(letter, wrong) + text.slice(at + 1);
  if (slip < 0.6) return text.slice(0, at) + text.slice(at + 1);
  if (slip < 0.7) return text.slice(0, at + 1) + letter.toLowerCase() + text.slice(at + 1);
  if (slip < 0.8) return text.slice(0, at + 1) + wrong + text.slice(at + 1);
  return text.slice(0, at) + cased(letter, text[at + 1]!) + letter.toLowerCase() + text.slice(at + 2);
}

function cased(like: string, letter: string): string {
  return like === like.toLowerCase() ? letter.toLowerCase() : letter.toUpperCase();
}

type Confusions = readonly (readonly [seen: string, read: string])[];

const ocrConfusions: Confusions = [
  ["rn", "m"],
  ["m", "rn"],
  ["cl", "d"],
  ["d", "cl"],
  ["l", "1"],
  ["l", "I"],
  ["i", "j"],
  ["o", "0"],
  ["S", "5"],
  ["B", "8"],
  ["G", "6"],
  ["Z", "2"],
  ["h", "b"],
  ["e", "c"],
  ["a", "o"],
  ["u", "v"],
  ["n", "u"],
  ["nn", "m"],
  ["w", "vv"],
  ["t", "f"],
];

const soundConfusions: Confusions = [
  ["ph", "f"],
  ["f", "ph"],
  ["ck", "k"],
  ["c", "k"],
  ["k", "c"],
  ["C", "K"],
  ["K", "C"],
  ["y", "i"],
  ["i", "y"],
  ["ie", "y"],
  ["ey", "y"],
  ["ee", "ea"],
  ["ea", "ee"],
  ["ei", "ie"],
  ["ai", "ay"],
  ["th", "t"],
  ["z", "s"],
  ["s", "z"],
  ["ll", "l"],
  ["l", "ll"],
  ["nn", "n"],
  ["n", "nn"],
  ["tt", "t"],
  ["er", "or"],
  ["en", "an"],
  ["on", "en"],
  ["sch", "sh"],
  ["J", "Y"],
  ["W", "V"],
  ["gh", "g"],
  ["ou", "oo"],
];

/** What a scanner reads from a paper form. */
export function scanError(random: Random, text: string): string {
  return confuse(random, text, ocrConfusions);
}

/** What somebody writes who only heard it. */
export function hearingError(random: Random, text: string): string {
  return confuse(random, text, soundConfusions);
}

function confuse(random: Random, text: string, confusions: Confusions): string {
  const begin = random.below(confusions.length);
  for (let i = 0; i < confusions.length; i++) {
    const [from, to] = confusions[(begin + i) % confusions.length]!;
    const at = text.indexOf(from);
    if (at >= 0) return text.slice(0, at) + to + text.slice(at + from.length);
  }
  return keySlip(random, text);
}

/** One digit wrong, or two neighbours exchanged. */
export function digitSlip(random: Random, text: string): string {
  const places: number[] = [];
  for (let i = 0; i < text.length; i++) if (text[i]! >= "0" && text[i]! <= "9") places.push(i);
  if (places.length < 2) return text;
  const turn = random.below(places.length - 1);
  const [first, second] = [places[turn]!, places[turn + 1]!];
  const signs = [...text];
  if (random.chance(0.35)) [signs[first], signs[second]] = [signs[second]!, signs[first]!];
  else signs[second] = String((Number(signs[second]) + random.between(1, 9)) % 10);
  return signs.join("");
}

const domainSlips: Readonly<Record<string, readonly string[]>> = {
  "gmail.com": ["gmial.com", "gmail.co", "gamil.com", "gmail.con", "gmai.com", "gmail.cm"],
  "yahoo.com": ["yaho.com", "yahoo.co", "yhaoo.com", "yahoo.con"],
  "hotmail.com": ["hotmial.com", "hotmal.com", "hotmail.co", "hotmail.con"],
  "outlook.com": ["outlok.com", "outlook.co", "outloook.com"],
};

/** Mistyped before the @ (two of three) or after it. */
export function emailSlip(random: Random, email: string): string {
  const at = email.lastIndexOf("@");
  const [local, domain] = [email.slice(0, at), email.slice(at + 1)];
  if (random.chance(0.67)) return `${keySlip(random, local)}@${domain}`;
  const slips = domainSlips[domain];
  return `${local}@${slips === undefined ? keySlip(random, domain) : random.pick(slips)}`;
}

/** `YYYY-MM-DD` with one part off: a digit, the day and month exchanged, or the first of January that year. */
export function dateSlip(random: Random, date: string): string {
  const [year, month, day] = date.split("-") as [string, string, string];
  const kind = random.next();
  if (kind < 0.25 && Number(day) <= 12 && day !== month) return `${year}-${day}-${month}`;
  if (kind < 0.35) return `${year}-01-01`;
  if (kind < 0.6) return `${Number(year) + random.pick([-10, -1, 1, 10])}-${month}-${day}`;
  if (kind < 0.75) return `${year}-${two(1 + random.below(12))}-${day}`;
  if (kind < 0.85) return `${digitSlip(random, year)}-${month}-${day}`;
  return `${year}-${month}-${two(1 + random.below(28))}`;
}

export function two(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

/** Letters without their marks, as old systems keep them. */
export function plainLetters(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replaceAll("ß", "ss")
    .replaceAll("ł", "l")
    .replaceAll("Ł", "L");
}

/** UTF-8 read as Latin-1. */
export function mojibake(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
