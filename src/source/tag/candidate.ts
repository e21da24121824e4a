import { looseBirthPartOf } from "./birth-header.ts";
import { type Meaning, readHeader, wordsOf } from "./header.ts";
import { fitOf, leastFit, percent } from "./fit.ts";
import type { ColumnMeasure } from "./measure.ts";

/** One reading of a column, before the columns of a relation are weighed against each other. */
export interface Candidate {
  readonly column: ColumnMeasure;
  readonly meaning: Meaning;
  readonly confidence: number;
  readonly reason: string;
  /** The name says it only beside others of its kind (birth-context.ts). */
  readonly loose?: "short" | "plain";
}

/** Every reading that neither the column's name nor its values contradict. */
export function candidatesOf(column: ColumnMeasure, tableIsEmpty: boolean): Candidate[] {
  const header = readHeader(column.name);
  if (header === "foreign") return [];
  if (column.filled === 0) {
    // A column that is always empty means nothing, but in a table without rows the name is all there is.
    if (!tableIsEmpty || header === undefined) return [];
    return [
      {
        column,
        meaning: header.meaning,
        confidence: header.certainty * 0.6,
        reason: "the column's name says so; there is no value yet",
      },
    ];
  }
  const found: Candidate[] = [];
  for (const meaning of header === undefined ? [] : readingsOf(header.meaning)) {
    const { fit, seen } = fitOf(meaning, column);
    if (fit < leastFit[meaning]) continue;
    // A column that is only called a name is a company's when its values look like it.
    if (meaning === "company" && header!.meaning !== "company" && column.share("company") < 0.25) continue;
    // Beside another column of whole names, the one that is not chosen must not pass for companies.
    if (header!.meaning === "full_name" && meaning === "company" && column.share("company") < 0.2) continue;
    const confidence = header!.certainty * (0.6 + 0.4 * fit) * (meaning === header!.meaning ? 1 : 0.9);
    found.push({ column, meaning, confidence, reason: `the column's name says so, and ${seen}` });
  }
  if (found.length > 0) return found;
  const loose = header === undefined ? looseBirthPartOf(wordsOf(column.name).join("")) : undefined;
  if (loose !== undefined) {
    const { fit, seen } = fitOf(loose.part, column);
    if (fit >= 0.9) {
      const reason = `the columns' names together say so, and ${seen}`;
      return [{ column, meaning: loose.part, confidence: 0.7, reason, loose: loose.set }];
    }
  }
  return byValues(column);
}

/** `name` may hold a person, a company, or half of a person's name; the values decide. */
function readingsOf(meaning: Meaning): Meaning[] {
  switch (meaning) {
    case "name":
      return ["name", "company", "surname", "given_name"];
    case "full_name":
      return ["full_name", "company"];
    case "birthdate":
      // A birthday is a date, or the day of one.
      return ["birthdate", "birth_day"];
    default:
      return [meaning];
  }
}

/** What values say by themselves, where the name says nothing or something that they contradict. */
function byValues(column: ColumnMeasure): Candidate[] {
  const found: Candidate[] = [];
  const offer = (meaning: Meaning, share: number, least: number, what: string): void => {
    if (share >= least)
      found.push({
        column,
        meaning,
        confidence: 0.5 + 0.4 * share,
        reason: `${percent(share)} of the values ${what}`,
      });
  };
  const { share, distinct, filled } = column;
  offer("email", share("email"), 0.8, "are e-mail addresses");
  offer("phone", share("phoneWritten"), 0.7, "are phone numbers as people write them");
  if (distinct >= 2 && distinct <= 12 && filled > distinct * 3)
    offer("gender", share("gender"), 0.9, "are words for a gender");
  if (share("letters") > 0.9 && distinct > 10) {
    offer(
      "full_name",
      share("personName") * share("severalWords"),
      0.45,
      "are several words that begin with a common given name",
    );
    offer("given_name", share("givenName") * (1 - share("severalWords")), 0.5, "are common given names");
    offer("surname", share("surname") * (share("givenName") < 0.4 ? 1 : 0), 0.5, "are common surnames");
  }
  offer("company", share("company"), 0.5, "end like a company's name");
  if (distinct > 20) offer("address", share("streetAndNumber"), 0.7, "are a street with a number");
  return found;
}
