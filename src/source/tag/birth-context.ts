import { birthParts } from "./birth-parts.ts";
import type { Candidate } from "./candidate.ts";
import type { Meaning } from "./header.ts";
import type { ColumnMeasure } from "./measure.ts";

/**
 * Parts of a birth date mean something together: a month or a day alone says nothing. `by`, `bm`, `bd` and `year`, `month`, `day` are taken for it where
 * there are all three, and no other birth date; the latter only beside a person's name, in years that lie a life apart,
 * since a year may be that of anything.
 */
export function birthInContext(candidates: readonly Candidate[]): Candidate[] {
  const plainly = candidates.filter(({ loose }) => loose === undefined);
  const isBorn = plainly.some(({ meaning }) => meaning === "birthdate" || isBirthPart(meaning));
  const sets = (["short", "plain"] as const).map((set) => candidates.filter(({ loose }) => loose === set));
  const loose = isBorn ? undefined : sets.find((set) => isWhole(set));
  const taken =
    loose === undefined || (loose[0]!.loose === "plain" && !isOfPeople(plainly, loose)) ? [] : loose;
  const found = [...plainly, ...taken];
  const has = (meaning: Meaning): boolean => found.some((candidate) => candidate.meaning === meaning);
  const isDated = has("birth_year") || (has("birth_month") && has("birth_day"));
  return found.filter(({ meaning }) => isDated || !isBirthPart(meaning));
}

function isBirthPart(meaning: Meaning): boolean {
  return (birthParts as readonly Meaning[]).includes(meaning);
}

function isWhole(set: readonly Candidate[]): boolean {
  return birthParts.every((part) => set.some(({ meaning }) => meaning === part));
}

function isOfPeople(plainly: readonly Candidate[], set: readonly Candidate[]): boolean {
  const named = plainly.some(({ meaning }) =>
    ["given_name", "surname", "full_name", "name"].includes(meaning),
  );
  const bought = plainly.some(({ meaning }) => meaning.startsWith("transaction_"));
  return named && !bought && yearsApart(set.find(({ meaning }) => meaning === "birth_year")!.column) >= 40;
}

function yearsApart({ values }: ColumnMeasure): number {
  const years = values.map(Number).filter((year) => year >= 1000);
  return years.length === 0 ? 0 : Math.max(...years) - Math.min(...years);
}
