import type { Session } from "../../engine/index.ts";
import { type BandBounds, bandOf, boundsOf } from "./bands.ts";

export interface ScoreBand extends BandBounds {
  readonly pairs: number;
  /** The mean of the pairs' probabilities: what share of them should be one person. */
  readonly expectedPrecision: number;
  /** Why the data alone cannot say whether the expectation holds: only labels can. Null: it can. */
  readonly needsLabels: string | null;
}

/** Fewer pairs than this say nothing of a share. */
const fewestPairs = 30;
/** The fields that must be comparable for agreement in some of them to say something of the others. */
const fewestFields = 3;

/**
 * The stored edges by score. Two classes of pairs can be told apart without labels only where three fields or more were compared, since
 * two never contradict each other (identifiability of latent classes: Goodman, Biometrika 61, 1974).
 */
export async function scoreBands(session: Session, edges: string): Promise<ScoreBand[]> {
  const rows = await session.rows<{ band: number; pairs: number; expected: number; thin: number }>(`
    SELECT ${bandOf("weight")} AS band, count(*) AS pairs, avg(probability) AS expected,
      count(*) FILTER (${comparedFields} < ${fewestFields} AND NOT contains(evidence, '"comparison":"record"')) AS thin
    FROM ${edges} GROUP BY 1 ORDER BY 1`);
  return rows.map(({ band, pairs, expected, thin }) => ({
    ...boundsOf(band),
    pairs,
    expectedPrecision: expected,
    needsLabels: doubt(band, pairs, thin),
  }));
}

function doubt(band: number, pairs: number, thin: number): string | null {
  if (band === 0) return "its pairs are in one profile because of other pairs, whatever their own score";
  if (pairs < fewestPairs) return `fewer than ${fewestPairs} pairs`;
  return thin * 2 > pairs ? `most of its pairs have fewer than ${fewestFields} fields in common` : null;
}

/** Steps of the evidence that are about a field: all but the prior, rarity and household. */
const comparedFields = `((length(evidence) - length(replace(evidence, '"comparison":', ''))) / ${'"comparison":'.length}
  - ${["prior", "rarity", "household", "source", "matching"].map((step) => `CAST(contains(evidence, '"comparison":"${step}"') AS INTEGER)`).join(" - ")})`;

export interface CurvePoint {
  /** Pairs of more log2 odds than this. */
  readonly above: number;
  readonly pairs: number;
  /** Of these pairs, the share that should be one person. */
  readonly expectedPrecision: number;
  /** Of the pairs of one person that should be among all stored edges, the share that is among these. */
  readonly expectedRecall: number;
}

const lastPoint = 24;

/** What a threshold on the pairs alone would give, by their own probabilities, at each whole weight from 0 on. */
export async function thresholdCurve(session: Session, edges: string): Promise<CurvePoint[]> {
  const rows = await session.rows<{ step: number; pairs: number; matches: number }>(`
    SELECT CAST(greatest(-1, least(${lastPoint}, ceil(weight) - 1)) AS INTEGER) AS step, count(*) AS pairs, sum(probability) AS matches
    FROM ${edges} GROUP BY 1`);
  const all = rows.reduce((sum, { matches }) => sum + matches, 0);
  const points: CurvePoint[] = [];
  for (let above = 0; above <= lastPoint; above++) {
    const over = rows.filter(({ step }) => step >= above);
    const pairs = over.reduce((sum, row) => sum + row.pairs, 0);
    if (pairs === 0) break;
    const matches = over.reduce((sum, row) => sum + row.matches, 0);
    points.push({ above, pairs, expectedPrecision: matches / pairs, expectedRecall: matches / all });
  }
  return points;
}
