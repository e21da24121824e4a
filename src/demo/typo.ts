import type { Random } from "./random.ts";

// Neighbours on a QWERTY keyboard.
const KEYBOARD: Readonly<Record<string, string>> = {
  a: "qwsz",
  b: "vghn",
  c: "xdfv",
  d: "serfcx",
  e: "wsdr",
  f: "drtgvc",
  g: "ftyhbv",
  h: "gyujnb",
  i: "ujko",
  j: "huikmn",
  k: "jiolm",
  l: "kop",
  m: "njk",
  n: "bhjm",
  o: "iklp",
  p: "ol",
  q: "wa",
  r: "edft",
  s: "awedxz",
  t: "rfgy",
  u: "yhji",
  v: "cfgb",
  w: "qase",
  x: "zsdc",
  y: "tghu",
  z: "asx",
};

/** A slip of the finger: a wrong neighbour, a letter left out, doubled, or two exchanged. */
export function keyboardTypo(random: Random, text: string): string {
  if (text.length < 3) return text;
  // The first letter is the one that people look at.
  const at = random.between(1, text.length - 2);
  const letter = text[at]!;
  const slip = random.share({ neighbour: 4, omission: 3, doubling: 1, exchange: 2 });
  if (slip === "omission") return text.slice(0, at) + text.slice(at + 1);
  if (slip === "doubling") return text.slice(0, at) + letter + text.slice(at);
  if (slip === "exchange") return text.slice(0, at) + text[at + 1]! + letter + text.slice(at + 2);
  const wrong = random.pick([...(KEYBOARD[letter.toLowerCase()] ?? letter)]);
  return text.slice(0, at) + wrong + text.slice(at + 1);
}

type Confusions = readonly (readonly [heard: RegExp, written: string])[];

const OCR: Confusions = [
  [/l/, "1"],
  [/o/, "0"],
  [/rn/, "m"],
  [/m/, "rn"],
  [/cl/, "d"],
  [/S/, "5"],
  [/B/, "8"],
  [/i/, "l"],
  [/h/, "b"],
  [/v/, "u"],
  [/e/, "c"],
  [/a/, "o"],
];

const PHONETIC: Confusions = [
  [/ph/, "f"],
  [/ck/, "k"],
  [/(?<=\w)c(?=[aoulrk])/, "k"],
  [/^C(?=[aoulr])/, "K"],
  [/^K(?=[aoulr])/, "C"],
  [/(?<=\w)y/, "i"],
  [/ie?$/, "y"],
  [/ee/, "ea"],
  [/ea/, "ee"],
  [/th/, "t"],
  [/([lnrst])\1/, "$1"],
  [/(?<=[aeiou])([lnt])(?=[aeiou])/, "$1$1"],
  [/z/, "s"],
  [/s$/, "z"],
  [/e(?=r$)/, "o"],
  [/e(?=n$)/, "o"],
  [/gh/, "g"],
];

/** What a scanner reads from a paper form. */
export function ocrError(random: Random, text: string): string {
  return confuse(random, text, OCR);
}

/** What somebody writes down who only heard it. */
export function phoneticError(random: Random, text: string): string {
  return confuse(random, text, PHONETIC);
}

function confuse(random: Random, text: string, confusions: Confusions): string {
  const possible = confusions.filter(([heard]) => heard.test(text));
  if (possible.length === 0) return keyboardTypo(random, text);
  const [heard, written] = random.pick(possible);
  return text.replace(heard, written);
}

/** One digit wrong, or two neighbours exchanged. */
export function digitTypo(random: Random, text: string): string {
  const places = [...text].flatMap((sign, at) => (/\d/.test(sign) ? [at] : []));
  if (places.length < 2) return text;
  const turn = random.between(0, places.length - 2);
  const [first, second] = [places[turn]!, places[turn + 1]!];
  const signs = [...text];
  if (random.chance(0.3)) [signs[first], signs[second]] = [signs[second]!, signs[first]!];
  else signs[second] = String((Number(signs[second]) + random.between(1, 9)) % 10);
  return signs.join("");
}

/** Mistyped in front of the @, or in the provider's name. */
export function emailTypo(random: Random, email: string): string {
  const [local, domain] = email.split("@") as [string, string];
  if (random.chance(0.5)) return `${keyboardTypo(random, local)}@${domain}`;
  const [provider, ...ending] = domain.split(".") as [string, ...string[]];
  return `${local}@${[keyboardTypo(random, provider), ...ending].join(".")}`;
}
