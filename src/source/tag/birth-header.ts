import type { BirthPart } from "./birth-parts.ts";

/** Words of several languages for the birth, and for the parts of its date. */
const birth =
  "(?:birth|birt|brth|dob|dateofbirth|birthdate|born|geburts?|geb|gbrt|naissance|naiss|nacimiento|nacim|nac|nascita|nasc|geboorte|nascimento)";
const of = "(?:ofthe|of|de|di|der|du|del|van)?";
const parts: Readonly<Record<BirthPart, string>> = {
  birth_year: "(?:years?|yr|yyyy|yy|y|jahr|annee|ano|anio|anno|jaar|jahrgang)",
  birth_month: "(?:months?|mon|mnth|mth|mo|mm|m|monat|mois|mes|mese|maand)",
  birth_day: "(?:days?|dy|dd|d|tag|jour|dia|giorno|dag)",
};
/** Customary short names; the last ones mean this only where all three stand side by side. */
const short: Readonly<Record<BirthPart, string>> = {
  birth_year: "yob|byear|byr|byyyy|yobirth|jahrgang|geburtsjahrgang",
  birth_month: "mob|bmonth|bmon|bmo|bmm|bmth",
  birth_day: "bday|bdy|bdd|dayob",
};
const shortest: Readonly<Record<string, BirthPart>> = {
  by: "birth_year",
  bm: "birth_month",
  bd: "birth_day",
};
const plain: Readonly<Record<string, BirthPart>> = Object.fromEntries(
  Object.entries({
    birth_year: "year yr yyyy jahr annee ano anno jaar",
    birth_month: "month mon mm monat mois mes mese maand",
    birth_day: "day dd tag jour dia giorno dag",
  }).flatMap(([part, words]) => words.split(" ").map((word) => [word, part as BirthPart])),
);

const named = Object.entries(parts).map(
  ([part, word]) =>
    [
      part as BirthPart,
      new RegExp(`^(?:${birth}${of}${word}|${word}${of}${birth}|${short[part as BirthPart]})$`),
    ] as const,
);

/** `birth_year`, `dob_day`, `Geburtsmonat`, `year of birth`: which part of a birth date a name speaks of, its words joined. */
export function birthPartOf(joined: string): BirthPart | undefined {
  return named.find(([, pattern]) => pattern.test(joined))?.[0];
}

/** Names that say it only in company: `by` beside `bm` and `bd`; `year` beside `month` and `day`, where a person has no other birth date. */
export function looseBirthPartOf(
  joined: string,
): { readonly part: BirthPart; readonly set: "short" | "plain" } | undefined {
  const ofShort = Object.hasOwn(shortest, joined) ? shortest[joined] : undefined;
  if (ofShort !== undefined) return { part: ofShort, set: "short" };
  const ofPlain = Object.hasOwn(plain, joined) ? plain[joined] : undefined;
  return ofPlain === undefined ? undefined : { part: ofPlain, set: "plain" };
}
