import type { CountryCode } from "libphonenumber-js";
import { literal } from "../../engine/index.ts";
import { type NumberingPlan, numberingPlan, plansOf } from "./numbering-plan.ts";

const longest = 17;

/**
 * `SELECT i, country, dialled, phone` of the numbers of one country in `relation(i, country, dialled)`: `phone` is what libphonenumber makes of
 * the figures `dialled` there, which stay as they are where they are no possible number. It is null for the few numbers
 * of which the rules below do not say all: a prefix of other countries, countries that share a calling code.
 */
export function readNational(relation: string, country: CountryCode): string {
  const plan = numberingPlan(country);
  const { callingCode } = plan;
  const isOwn = `starts_with(dialled, '${callingCode}')`;
  const matches = (number: string): string => `regexp_full_match(${number}, ${literal(plan.national)})`;
  const main = plansOf(callingCode)[0]!.country === country;
  const lengths = agreedLengths(plan);
  return `SELECT i, country, dialled, CASE
      WHEN regexp_matches(dialled, ${literal(`^(?:${plan.idd})`)}) THEN NULL
      WHEN number IS NULL OR strlen(number) IN (${list(lengths.doubtful)}) THEN NULL
      WHEN strlen(number) IN (${list(lengths.possible)}) THEN '+${callingCode}' || number
      ELSE dialled END AS phone
    FROM (SELECT *, CASE WHEN NOT ${isOwn} THEN whole WHEN whole IS NULL OR shorter IS NULL THEN NULL
        WHEN strlen(whole) > ${Math.max(...plan.lengths)} OR CASE WHEN ${matches("whole")} THEN false ELSE ${matches("shorter")} END THEN ${main ? "shorter" : "NULL"}
        ELSE whole END AS number
    FROM (SELECT *, ${withoutPrefix("dialled", plan)} AS whole, CASE WHEN ${isOwn} THEN ${withoutPrefix("behind", plan)} END AS shorter
    FROM (SELECT *, substr(dialled, ${callingCode.length + 1}) AS behind FROM ${relation} WHERE country = '${country}')))`;
}

/** A national number without its trunk prefix, unless it is a number with it and none without; null where that is in doubt. */
function withoutPrefix(number: string, plan: NumberingPlan): string {
  if (plan.prefix === undefined) return number;
  const begins = literal(`^(?:${plan.prefix})`);
  if (plan.replacesPrefix) return `CASE WHEN NOT regexp_matches(${number}, ${begins}) THEN ${number} END`;
  const rest = `regexp_replace(${number}, ${begins}, '')`;
  const matches = (text: string): string => `regexp_full_match(${text}, ${literal(plan.national)})`;
  const lengths = agreedLengths(plan);
  return `CASE WHEN NOT regexp_matches(${number}, ${begins}) THEN ${number}
    WHEN CASE WHEN ${matches(number)} THEN NOT ${matches(rest)} ELSE false END THEN ${number}
    WHEN strlen(${rest}) IN (${list(lengths.uncertain)}) THEN NULL
    WHEN strlen(${rest}) IN (${list(lengths.acceptable)}) THEN ${rest} ELSE ${number} END`;
}

/**
 * A number's length is judged by the plan of the country that it turns out to be of, among those of one calling code. `possible`
 * are lengths by every plan, `doubtful` those by some; a rest without prefix is `acceptable` when it is possible or too long.
 */
function agreedLengths({ callingCode }: NumberingPlan): {
  readonly possible: readonly number[];
  readonly doubtful: readonly number[];
  readonly acceptable: readonly number[];
  readonly uncertain: readonly number[];
} {
  const plans = plansOf(callingCode);
  const every = (holds: (plan: NumberingPlan, length: number) => boolean): number[] =>
    all.filter((length) => plans.every((plan) => holds(plan, length)));
  const some = (holds: (plan: NumberingPlan, length: number) => boolean): number[] =>
    all.filter(
      (length) => plans.some((plan) => holds(plan, length)) && !plans.every((plan) => holds(plan, length)),
    );
  const isPossible = ({ lengths }: NumberingPlan, length: number): boolean => lengths.includes(length);
  const isAcceptable = (plan: NumberingPlan, length: number): boolean =>
    isPossible(plan, length) || length > Math.max(...plan.lengths);
  return {
    possible: every(isPossible),
    doubtful: some(isPossible),
    acceptable: every(isAcceptable),
    uncertain: some(isAcceptable),
  };
}

const all = Array.from({ length: longest + 1 }, (_, length) => length);

function list(lengths: readonly number[]): string {
  return lengths.length === 0 ? "-1" : lengths.join(", ");
}
