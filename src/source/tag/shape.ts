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
  birthdate: (value: string) => {
    const year = yearOf(value);
    return year !== undefined && year >= 1895 && year <= new Date().getUTCFullYear();
  },
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
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
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
  if (named)
    return /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|okt|dez)/i.test(named[2] ?? named[3]!)
      ? Number(named[5])
      : undefined;
  return undefined;
}

function plausible(year: string, month: string, day: string): number | undefined {
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > 31) return undefined;
  const value = Number(year);
  if (year.length === 2) return value > 30 ? 1900 + value : 2000 + value;
  return value >= 1800 && value <= 2200 ? value : undefined;
}
