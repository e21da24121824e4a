import { literal, type Session } from "../../engine/index.ts";
import { levelsIn } from "../compare/compare.ts";
import { numberColumn, textColumn } from "../literal-column.ts";
import { calibrated, probabilities } from "../cluster/calibrate.ts";
import type { Clusters } from "../cluster/cluster.ts";
import type { Facts } from "../model/facts.ts";
import { leastOdds } from "../weigh/matching.ts";
import { selected } from "../weigh/pairs.ts";
import type { Scorer, WeightedPairs } from "../weigh/score.ts";

/** What it weighs (log2 odds) that two records say the very same. */
export const sameValues = { comparison: "record", level: "the very same values", weight: 40 } as const;

/** Stands for no pattern of comparisons: the two records were never compared. */
const samePattern = -1;

/**
 * Makes `identity_edges(left_source, left_id, right_source, right_id, weight, probability, evidence)`: the pairs that hold profiles
 * together, and those that agree but were kept apart because more speaks against them. A record that says
 * the very same as another has one edge, to the first of them. `evidence` is JSON without any value of a record:
 * `[{"comparison", "level", "weight"}]`, whose weights (log2) add up to the edge's. It is written out as it is read (a view): a
 * million edges' evidence is half a gigabyte, and their patterns are few.
 */
export async function writeEdges(
  session: Session,
  scorer: Scorer,
  clusters: Clusters,
  facts: Facts,
): Promise<void> {
  const { cluster, pairs } = clusters;
  const probability = calibrated("weight", probabilities(facts, clusters, scorer.matching), scorer.matching);
  await loadEvidence(
    session,
    scorer,
    pairs,
    (i) => pairs.weight[i]! > 0 || cluster[pairs.a[i]!] === cluster[pairs.b[i]!],
  );
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_edge_pattern AS
    FROM identity_evidence_pattern UNION ALL SELECT ${samePattern}, ${literal(JSON.stringify(sameValues))};
    CREATE OR REPLACE TEMP TABLE identity_edge AS
    WITH first_record AS (SELECT node, min(r) AS r FROM identity_member GROUP BY node),
    edge AS (
      SELECT x.r AS lr, y.r AS rr, CAST(weight AS DOUBLE) AS weight, ${probability} AS probability, rarity, household, pattern
      FROM identity_evidence JOIN first_record x ON x.node = a JOIN first_record y ON y.node = b
      UNION ALL
      SELECT f.r, m.r, ${sameValues.weight}, 1 / (1 + pow(2, -${sameValues.weight})), 0, 0, ${samePattern}
      FROM identity_member m JOIN first_record f USING (node) WHERE m.r <> f.r)
    SELECT l.source AS left_source, l.record_id AS left_id, n.source AS right_source, n.record_id AS right_id,
      weight, probability, rarity, household, pattern
    FROM edge JOIN identity_raw l ON l.r = lr JOIN identity_raw n ON n.r = rr ORDER BY lr, rr;
    CREATE OR REPLACE TEMP VIEW identity_edges AS
    SELECT left_source, left_id, right_source, right_id, weight, probability, ${evidence} AS evidence
    FROM identity_edge JOIN identity_edge_pattern USING (pattern);
    DROP TABLE identity_evidence; DROP TABLE identity_evidence_pattern`);
}

/** The evidence of one pair, as in the edges. */
export async function evidenceOf(session: Session, scorer: Scorer, pair: WeightedPairs): Promise<string> {
  await loadEvidence(session, scorer, pair, () => true);
  const [row] = await session.rows<{ evidence: string }>(
    `SELECT ${evidence} AS evidence FROM identity_evidence JOIN identity_evidence_pattern USING (pattern)`,
  );
  return row!.evidence;
}

/** Makes `identity_evidence(a, b, weight, rarity, household, pattern)` and `identity_evidence_pattern(pattern, items)`. */
async function loadEvidence(
  session: Session,
  scorer: Scorer,
  pairs: WeightedPairs,
  isWanted: (i: number) => boolean,
): Promise<void> {
  const { a, b, weight, rarity, pattern } = selected(pairs, isWanted);
  const patterns = [...new Set(pattern)];
  await session.load("identity_evidence", {
    a,
    b,
    weight,
    rarity: Float64Array.from(rarity),
    household: weight.map((all, i) => all - rarity[i]! - scorer.ofPattern(pattern[i]!).person),
    pattern,
  });
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_evidence_pattern AS
    SELECT ${numberColumn(patterns)} AS pattern, ${textColumn(patterns.map((pattern) => itemsOf(scorer, pattern)))} AS items`);
}

/** The steps that a pattern gives, as JSON without its brackets; comparisons that lack a value are left out. */
function itemsOf({ plan, model, odds, matching }: Scorer, pattern: number): string {
  const items = levelsIn(plan, pattern).flatMap((level, i) => {
    const { name, levels } = plan.comparisons[i]!;
    const at = level - 1;
    return level === 0
      ? []
      : [{ comparison: name, level: levels[at]!.name, weight: rounded(odds[i]![at]!.person) }];
  });
  const prior = { comparison: "prior", level: "any two records", weight: rounded(model.priorPerson) };
  const least = { comparison: "matching", level: matching, weight: -leastOdds[matching] };
  return JSON.stringify([prior, ...(matching === "balanced" ? [] : [least]), ...items]).slice(1, -1);
}

const evidence = `'[' || concat_ws(',', items, ${measured("rarity", "how rare the values are that agree")}, ${measured(
  "household",
  "could be two people of one household",
)}) || ']'`;

function measured(comparison: "rarity" | "household", level: string): string {
  return `CASE WHEN abs(${comparison}) >= 0.0005
    THEN '{"comparison":"${comparison}","level":"${level}","weight":' || printf('%.3f', ${comparison}) || '}' END`;
}

function rounded(weight: number): number {
  return Math.round(weight * 1000) / 1000;
}
