import type { Session } from "../../engine/index.ts";
import { type Evidence, evidenceWithValues } from "../explain/explain.ts";
import {
  filledValues,
  type RawRecord,
  recordKey,
  recordsOf,
  type RecordName,
} from "../explain/read-record.ts";
import type { IdentityInput } from "../input.ts";

/** A pair that a person's answer would say much about. */
export interface ReviewPair {
  readonly left: RecordName;
  readonly right: RecordName;
  readonly leftValues: RawRecord;
  readonly rightValues: RawRecord;
  readonly probability: number;
  readonly weight: number;
  /** Whether the two are in one profile now. */
  readonly sameProfile: boolean;
  readonly evidence: readonly Evidence[];
}

/**
 * The stored pairs that are worth a person's look: of each pattern of evidence (which fields agree how) the pair nearest to even odds, patterns
 * nearest to even odds first; then of each the second, and so on. An answer to one of a pattern says something of all of it.
 */
export async function pairsToReview(
  session: Session,
  people: { readonly inputs: readonly IdentityInput[]; readonly edges: string; readonly assignments: string },
  count: number,
): Promise<ReviewPair[]> {
  const rows = await session.rows<{
    left_source: string;
    left_id: string;
    right_source: string;
    right_id: string;
    weight: number;
    probability: number;
    evidence: string;
    together: boolean;
  }>(`
    WITH edge AS (
      SELECT *, regexp_replace(evidence, '"weight":[-0-9.]+', '', 'g') AS pattern FROM ${people.edges}
      WHERE NOT contains(evidence, '"comparison":"record"')),
    ranked AS (
      SELECT *, row_number() OVER (PARTITION BY pattern ORDER BY abs(weight), left_source, left_id, right_source, right_id) AS place
      FROM edge),
    chosen AS (
      FROM ranked ORDER BY place, abs(weight), left_source, left_id, right_source, right_id LIMIT ${count})
    SELECT c.* EXCLUDE (pattern, place), l.profile_id = r.profile_id AS together FROM chosen c
    JOIN ${people.assignments} l ON l.source = left_source AND l.record_id = left_id
    JOIN ${people.assignments} r ON r.source = right_source AND r.record_id = right_id
    ORDER BY place, abs(weight), left_source, left_id, right_source, right_id`);
  const names = rows.flatMap((row): RecordName[] => [
    { source: row.left_source, recordId: row.left_id },
    { source: row.right_source, recordId: row.right_id },
  ]);
  const records = await recordsOf(session, people.inputs, names);
  const valuesOf = (name: RecordName): RawRecord => records.get(recordKey(name)) ?? {};
  return rows.map(({ weight, probability, evidence, together }, i) => {
    const [left, right] = [names[2 * i]!, names[2 * i + 1]!];
    const [leftValues, rightValues] = [valuesOf(left), valuesOf(right)];
    return {
      left,
      right,
      leftValues,
      rightValues,
      probability,
      weight,
      sameProfile: together,
      evidence: evidenceWithValues(evidence, leftValues, rightValues),
    };
  });
}

/** The pairs as CSV, to be answered in the column `same` and given to `onecopy identity evaluate`. The values of the two records stand one above the other. */
export function reviewCsv(pairs: readonly ReviewPair[]): string {
  const tags = [
    ...new Set(
      pairs.flatMap(({ leftValues, rightValues }) =>
        [leftValues, rightValues].flatMap((record) => Object.keys(filledValues(record))),
      ),
    ),
  ];
  const header = [
    "same",
    "left_source",
    "left_id",
    "right_source",
    "right_id",
    "probability",
    "in_one_profile",
  ];
  const rows = pairs.map((pair) => [
    "",
    pair.left.source,
    pair.left.recordId,
    pair.right.source,
    pair.right.recordId,
    pair.probability.toFixed(4),
    pair.sameProfile ? "yes" : "no",
    ...tags.flatMap((tag) => [pair.leftValues[tag] ?? "", pair.rightValues[tag] ?? ""]),
  ]);
  const names = [...header, ...tags.flatMap((tag) => [`left_${tag}_value`, `right_${tag}_value`])];
  return [names, ...rows].map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

/** RFC 4180. */
function csvField(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
