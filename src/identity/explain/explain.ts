import { literal, type Session } from "../../engine/index.ts";
import type { IdentityInput } from "../input.ts";
import { evidenceOf, sameValues } from "../persist/edges.ts";
import { probabilityOf } from "../weigh/score.ts";
import { leastOdds, type Matching } from "../weigh/matching.ts";
import { type KnownModel, type Resolution, resolve } from "../resolve.ts";
import { type RawRecord, readRecord, type RecordName } from "./read-record.ts";

/** One step of the waterfall: `weight` is log2, and all weights add up to the pair's, but for rounding. */
export interface Evidence {
  readonly comparison: string;
  readonly level: string;
  /** The two values as the sources have them; null for steps that are not about a value (`prior`, `rarity`, `household`). */
  readonly left: string | null;
  readonly right: string | null;
  readonly weight: number;
}

export interface PairExplanation {
  /** That the two records are one person, 0…1, as pairs of this weight turned out. */
  readonly probability: number;
  /** log2 of the odds. */
  readonly weight: number;
  /** Whether they are in one profile: other records can join or part what the two alone do not. */
  readonly sameProfile: boolean;
  readonly evidence: readonly Evidence[];
}

/** Relations as the tables of `identity` have them. */
export interface ExplainedPeople extends KnownModel {
  readonly inputs: readonly IdentityInput[];
  readonly edges: string;
  readonly assignments: string;
  readonly matching: Matching;
}

/**
 * Why two records are one person, or not. A pair that the stored `edges` and `assignments` (relations as `identity.edges` and
 * `identity.assignments` have them) hold is looked up there; for any other the records are resolved again by the same model in
 * this session, and nothing is stored. Fails with `identity.unknown_record`.
 */
export async function explain(
  session: Session,
  people: ExplainedPeople,
  a: RecordName,
  b: RecordName,
): Promise<PairExplanation> {
  const [left, right] = [
    await readRecord(session, people.inputs, a),
    await readRecord(session, people.inputs, b),
  ];
  const [stored] = await session.rows<ScoredPair>(`
    SELECT weight, probability, evidence
    FROM ${people.edges}
    WHERE (left_source, left_id, right_source, right_id) IN (${ends(a, b)}, ${ends(b, a)})`);
  const { model, learned, sharedValues, matching } = people;
  const again = { model: { model, learned, sharedValues }, matching };
  const scored = stored ?? (await scoreAgain(session, await resolve(session, people.inputs, again), a, b));
  return explanation(scored, left, right, await inOneProfile(session, people.assignments, a, b));
}

/** The same of the resolution that was the last one in this session, from its own tables. */
export async function explainResolved(
  session: Session,
  inputs: readonly IdentityInput[],
  resolution: Resolution,
  a: RecordName,
  b: RecordName,
): Promise<PairExplanation> {
  const [left, right] = [await readRecord(session, inputs, a), await readRecord(session, inputs, b)];
  const scored = await scoreAgain(session, resolution, a, b);
  return explanation(scored, left, right, await inOneProfile(session, resolution.tables.assignments, a, b));
}

async function inOneProfile(
  session: Session,
  assignments: string,
  a: RecordName,
  b: RecordName,
): Promise<boolean> {
  const [profiles] = await session.rows<{ n: number }>(
    `SELECT count(DISTINCT profile_id) AS n FROM ${assignments} WHERE (source, record_id) IN (${pairOf(a)}, ${pairOf(b)})`,
  );
  return profiles!.n === 1;
}

interface ScoredPair {
  readonly probability: number;
  readonly weight: number;
  readonly evidence: string;
}

async function scoreAgain(
  session: Session,
  { scorer }: Resolution,
  a: RecordName,
  b: RecordName,
): Promise<ScoredPair> {
  const [asked] = await session.rows<{ a: number; b: number }>(`
    SELECT min(node) AS a, max(node) AS b FROM identity_raw JOIN identity_member USING (r)
    WHERE (source, record_id) IN (${pairOf(a)}, ${pairOf(b)})`);
  const { a: first, b: second } = asked!;
  if (first === second)
    return {
      weight: sameValues.weight,
      probability: probabilityOf(sameValues.weight),
      evidence: JSON.stringify([sameValues]),
    };
  const pair = scorer.compare({ a: Int32Array.of(first), b: Int32Array.of(second) });
  const weight = pair.weight[0]!;
  return {
    weight,
    probability: probabilityOf(weight + leastOdds[scorer.matching]),
    evidence: await evidenceOf(session, scorer, pair),
  };
}

/** The columns of a record that each comparison reads. */
const columnsOf: Readonly<Record<string, readonly string[]>> = {
  middle_name: ["middle_name", "given_name", "full_name"],
  name_suffix: ["given_name", "surname", "full_name"],
  gender: ["gender"],
  birthdate: ["birthdate"],
  email: ["email"],
  phone: ["phone"],
  national_id: ["national_id"],
  birthplace: ["birthplace"],
  occupation: ["occupation"],
  address: ["address", "address2"],
  place: ["postal", "city", "state"],
};

function explanation(
  { weight, probability, evidence }: ScoredPair,
  left: RawRecord,
  right: RawRecord,
  sameProfile: boolean,
): PairExplanation {
  return {
    probability,
    weight,
    sameProfile,
    evidence: evidenceWithValues(evidence, left, right),
  };
}

/** The `evidence` of `identity.edges`, with the values that the two records have: by tag, as the sources have them. */
export function evidenceWithValues(evidence: string, left: RawRecord, right: RawRecord): Evidence[] {
  const steps = JSON.parse(evidence) as readonly Omit<Evidence, "left" | "right">[];
  return steps.map((step) => ({
    ...step,
    left: shown(left, step.comparison),
    right: shown(right, step.comparison),
  }));
}

function shown(record: RawRecord, comparison: string): string | null {
  const values = columnsRead(record, comparison).flatMap((column) => record[column] ?? []);
  return values.length === 0 ? null : values.join(", ");
}

function columnsRead(record: RawRecord, comparison: string): readonly string[] {
  const has = (column: string): boolean => (record[column] ?? null) !== null;
  switch (comparison) {
    case "given_name":
    case "surname":
      // A whole name is taken apart only where there are no parts.
      return has("given_name") || has("surname") ? [comparison] : ["full_name"];
    case "company":
      return has("company") ? ["company"] : ["full_name"];
    case "source":
      return ["source"];
    case "customer_key":
      return Object.keys(record).filter((column) => column.startsWith("raw_key_"));
    default:
      return columnsOf[comparison] ?? [];
  }
}

function pairOf({ source, recordId }: RecordName): string {
  return `(${literal(source)}, ${literal(recordId)})`;
}

function ends(left: RecordName, right: RecordName): string {
  return `(${[left.source, left.recordId, right.source, right.recordId].map(literal).join(", ")})`;
}
