import type { Session } from "../../engine/index.ts";
import { type Evaluation, evaluate, rates, share } from "../evaluate.ts";
import { type BandBounds, bandOf, boundsOf } from "../report/bands.ts";
import type { Labels } from "./read-labels.ts";

export interface LabelledMeasure {
  /** Over records whose person is known; undefined where pairs were labelled. */
  readonly people: Evaluation | undefined;
  /** Over labelled pairs; undefined where people were. They are no random pairs, so the shares are those of these pairs only. */
  readonly pairs: PairMeasure | undefined;
  /** Stored edges whose truth is known: what was expected of their scores, and what is so. */
  readonly bands: readonly LabelledBand[];
}

export interface PairMeasure {
  /** Labelled pairs of which both records are there. */
  readonly pairs: number;
  /** Of one person by the labels, by the profiles, by both. */
  readonly same: number;
  readonly found: number;
  readonly correct: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface LabelledBand extends BandBounds {
  readonly pairs: number;
  /** The mean of the pairs' probabilities. */
  readonly expectedPrecision: number;
  readonly truePrecision: number;
}

/** Measures relations as `identity.assignments` and `identity.edges` have them against labels. */
export async function measureLabelled(
  session: Session,
  people: { readonly assignments: string; readonly edges: string },
  labels: Labels,
): Promise<LabelledMeasure> {
  return {
    people:
      labels.kind === "people" ? await evaluate(session, people.assignments, labels.relation) : undefined,
    pairs:
      labels.kind === "pairs" ? await measurePairs(session, people.assignments, labels.relation) : undefined,
    bands: await measureBands(session, people.edges, labels),
  };
}

async function measurePairs(session: Session, assignments: string, pairs: string): Promise<PairMeasure> {
  const [row] = await session.rows<{ pairs: number; same: number; found: number; correct: number }>(`
    SELECT count(*) AS pairs, count(*) FILTER (same) AS same, count(*) FILTER (together) AS found,
      count(*) FILTER (same AND together) AS correct
    FROM (SELECT same, l.profile_id = r.profile_id AS together FROM ${pairs} p
      JOIN ${assignments} l ON l.source = left_source AND l.record_id = left_id
      JOIN ${assignments} r ON r.source = right_source AND r.record_id = right_id)`);
  const { same, found, correct } = row!;
  return { ...row!, ...rates(share(correct, found), share(correct, same)) };
}

async function measureBands(session: Session, edges: string, labels: Labels): Promise<LabelledBand[]> {
  const truth =
    labels.kind === "people"
      ? `SELECT weight, probability, l.person = r.person AS same FROM ${edges} e
         JOIN ${labels.relation} l ON l.source = left_source AND l.record_id = left_id AND l.person IS NOT NULL
         JOIN ${labels.relation} r ON r.source = right_source AND r.record_id = right_id AND r.person IS NOT NULL`
      : `SELECT e.weight, e.probability, p.same FROM ${labels.relation} p JOIN ${edges} e
         ON (p.left_source, p.left_id, p.right_source, p.right_id) = (e.left_source, e.left_id, e.right_source, e.right_id)
         OR (p.right_source, p.right_id, p.left_source, p.left_id) = (e.left_source, e.left_id, e.right_source, e.right_id)`;
  const rows = await session.rows<{ band: number; pairs: number; expected: number; same: number }>(`
    SELECT ${bandOf("weight")} AS band, count(*) AS pairs, avg(probability) AS expected, count(*) FILTER (same) AS same
    FROM (${truth}) GROUP BY 1 ORDER BY 1`);
  return rows.map(({ band, pairs, expected, same }) => ({
    ...boundsOf(band),
    pairs,
    expectedPrecision: expected,
    truePrecision: same / pairs,
  }));
}
