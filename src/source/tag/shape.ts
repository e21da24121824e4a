import { type CountryCode, isValidPhoneNumber } from "libphonenumber-js/min";
import { fold } from "./header.ts";
import {
  companySuffix,
  countries,
  currencies,
  genders,
  givenNames,
  states,
  streetWord,
  surnames,
} from "./vocabulary.ts";

/** Tests of one value, trimmed and not empty. */
export type Shape = keyof typeof shapes;

const email = /^[^\s@"<>(),;:]+@[^\s@"<>(),;:]+\.[^\s@"<>(),;:.]{2,}$/;
const letters = /^[\p{L}\p{M}][\p{L}\p{M}'’´`.\- ]*$/u;
const postal =
  /^(?:\d{4,6}|\d{5}-\d{4}|\d{5}-?\d{3}|\d{2}-\d{3}|\d{3} ?\d{2,4}|\d{3}-\d{4}|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z][ -]?\d[A-Z]\d|\d{4} ?[A-Z]{2}|[A-Z]{1,2}-\d{4,5}|[A-Z]\d{2} ?[A-Z\d]{4})$/i;

export const shapes = {
  email: (value: string) => email.test(value),
  phone: isPhone,
  phoneWritten: (value: string) =>
    /^(?:\+|00|\(|0\d|\d{3}[-. ]\d{3})/.test(value) && /\d.*\D.*\d|^\+|^00/.test(value) && isPhone(value),
  date: (value: string) => yearOf(value) !== undefined,
  /** Of people of any century, and with parts that are not known: `1799-00-00`, `c. 1560`, `05/1850`. */
  birthdate: (value: string) => isPast(yearOf(value) ?? yearOfPart(value)),
  birthYear: (value: string) => {
    const figures = wholeNumber(value);
    return /^\d{4}$/.test(figures) ? isPast(Number(figures)) : /^\d{2}$/.test(figures);
  },
  birthMonth: (value: string) => isWithin(wholeNumber(value), 12) || monthName.test(value),
  birthDay: (value: string) => isWithin(wholeNumber(value), 31),
  postal: (value: string) => postal.test(value),
  state: (value: string) => states.has(fold(value)),
  country: (value: string) => countries.has(fold(value)),
  gender: (value: string) => genders.has(fold(value).replace(/\.$/, "")),
  currency: (value: string) => currencies.has(value.toLowerCase()),
  givenName: (value: string) => givenNames.has(fold(value).split(/[\s-]/)[0] ?? ""),
  surname: (value: string) => surnames.has(fold(value)),
  /** `Ann Lee`, `LEE, Ann`: a known given name first, or after the comma. */
  personName: (value: string) => {
    const [before, after] = fold(value).split(",");
    const parts = (after ?? before ?? "").trim().split(/\s+/);
    const first = /^(?:mr|mrs|ms|dr|prof|herr|frau|sir|m|mme|sr|sra)\.?$/.test(parts[0] ?? "")
      ? parts[1]
      : parts[0];
    return first !== undefined && givenNames.has(first) && letters.test(value.replace(",", ""));
  },
  severalWords: (value: string) => /\S\s+\S/.test(value),
  letters: (value: string) => letters.test(value),
  words: (value: string) => /\p{L}{2}/u.test(value) && !email.test(value) && yearOf(value) === undefined,
  company: (value: string) => companySuffix.test(value),
  houseNumber: (value: string) => /^\d{1,5}(?:[-/ ]?\d{1,4})?\s?[a-z]?$/i.test(value),
  street: (value: string) =>
    /\p{L}{2}/u.test(value) &&
    (streetWord.test(value) || /^\d+\s+\p{L}{3}|\p{L}{3,}\s+\d+\s?[a-z]?$/u.test(value)),
  streetAndNumber: (value: string) => /\d/.test(value) && streetWord.test(value) && value.length <= 120,
  nationalId: (value: string) =>
    /^[A-Z]{0,4}[-. ]?(?:\d[-. /]?){5,14}[A-Z\d]{0,3}$/i.test(value) || /^[A-Z\d]{9,18}$/i.test(value),
  amount: (value: string) => /^[-+]?(?:[$€£¥]\s?)?\d[\d.,' ]*(?:\s?(?:[$€£¥]|[A-Z]{3}))?$/.test(value),
} as const;

const phoneRegions: readonly CountryCode[] = [
  "US",
  "GB",
  "DE",
  "FR",
  "ES",
  "IT",
  "AU",
  "NL",
  "CH",
  "AT",
  "IN",
  "BR",
  "MX",
  "SE",
  "PL",
];

/** Valid with its country code, or as a national number of a large country. */
function isPhone(value: string): boolean {
  const digits = value.replace(/\D/g, "").length;
  if (digits < 6 || digits > 16 || !/^[+(\d][\d\s().+/\-–]*(?:\s?(?:x|ext\.?)\s?\d+)?$/i.test(value))
    return false;
  return phoneRegions.some((region) => isValidPhoneNumber(value, region));
}

/** The year of a date in one of the orders that are written; undefined when it is none. */
function yearOf(value: string): number | undefined {
  const text = value.replace(/[T ]\d{1,2}:\d{2}.*$/, "");
  const iso =
    /^\+?(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text) ??
    /^(1[5-9]\d\d|2[01]\d\d)(\d{2})(\d{2})$/.exec(text);
  if (iso) return plausible(iso[1]!, iso[2]!, iso[3]!);
  const european = /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})$/.exec(text);
  if (european)
    return (
      plausible(european[3]!, european[2]!, european[1]!) ??
      plausible(european[3]!, european[1]!, european[2]!)
    );
  const named = /^(?:(\d{1,2})[-. ]+([A-Za-z]{3,9})|([A-Za-z]{3,9})[-. ]+(\d{1,2}),?)[-. ,]+(\d{4})$/.exec(
    text,
  );
  if (named) return monthName.test(named[2] ?? named[3]!) ? Number(named[5]) : undefined;
  return undefined;
}

const monthName =
  /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|okt|dez|fev|avr|juin|aou|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|maa|mrt)\p{L}*\.?$/iu;

/** Of a date of which little more than the year is known. */
function yearOfPart(value: string): number | undefined {
  const text = value.replace(
    /^(?:ca?|circa|abt|about|um|vers|hacia|bef|before|vor|aft|after|nach|est)[. ]\s*/i,
    "",
  );
  const found =
    /^\+?(\d{4})(?:[-/.](?:00?|\d{1,2}|[A-Za-z]{3,9})(?:[-/.](?:00?|\d{1,2}))?)?\??$/.exec(text) ??
    /^(?:\d{1,2}[-/.]|[A-Za-z]{3,9}[-. ]+)(\d{4})$/.exec(text);
  return found === null ? undefined : Number(found[1]);
}

function isPast(year: number | undefined): boolean {
  return year !== undefined && year >= 1000 && year <= new Date().getUTCFullYear();
}

/** `7.0` is 7 that passed through floats. */
function wholeNumber(value: string): string {
  return value.replace(/\.0$/, "");
}

function isWithin(figures: string, most: number): boolean {
  return /^\d{1,2}$/.test(figures) && Number(figures) >= 1 && Number(figures) <= most;
}

function plausible(year: string, month: string, day: string): number | undefined {
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > 31) return undefined;
  const value = Number(year);
  if (year.length === 2) return value > 30 ? 1900 + value : 2000 + value;
  return value >= 1000 && value <= 2200 ? value : undefined;
}
