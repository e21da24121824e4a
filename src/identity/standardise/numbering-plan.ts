import type { CountryCode } from "libphonenumber-js";
import metadata from "libphonenumber-js/metadata.min";

/** A country's plan, as libphonenumber has it. Patterns are of what both JavaScript and the engine read alike. */
export interface NumberingPlan {
  readonly country: CountryCode;
  readonly callingCode: string;
  /** What is dialled before a number of another country. */
  readonly idd: string;
  /** Of national numbers without their trunk prefix. */
  readonly national: string;
  readonly lengths: readonly number[];
  /** The trunk prefix; undefined where there is none. */
  readonly prefix: string | undefined;
  /** Whether a prefix is not merely taken away, but something is put in its place. */
  readonly replacesPrefix: boolean;
}

/** The fields of libphonenumber-js' compact metadata, version 4 (METADATA.md there). */
export function numberingPlan(country: CountryCode): NumberingPlan {
  const fields = metadata.countries[country] as readonly unknown[];
  const text = (at: number): string | undefined => (fields[at] as string | 0 | undefined) || undefined;
  return {
    country,
    callingCode: text(0)!,
    idd: text(1)!,
    national: text(2)!,
    lengths: fields[3] as readonly number[],
    prefix: text(7) ?? text(5),
    replacesPrefix: text(8) !== undefined,
  };
}

/** The plans that share a calling code, the main country's first. */
export function plansOf(callingCode: string): NumberingPlan[] {
  return (metadata.country_calling_codes[callingCode] ?? []).map((country) => numberingPlan(country));
}
