import type { Session } from "../../engine/index.ts";
import { gatherRecords, type IdentityInput } from "../input.ts";
import type { Movement } from "../persist/movement.ts";
import { Facts } from "../model/facts.ts";
import { dropSharedValues } from "../standardise/shared.ts";
import { standardise } from "../standardise/standardise.ts";
import { type CurvePoint, type ScoreBand, scoreBands, thresholdCurve } from "./curve.ts";
import { type FieldWeights, fieldWeights } from "./field-weights.ts";
import { type HealthCheck, healthChecks } from "./health.ts";
import { type Unlinkable, unlinkableRecords } from "./unlinkable.ts";

/** Relations as the tables of `identity` have them. */
export interface ReportRelations {
  readonly inputs: readonly IdentityInput[];
  readonly assignments: string;
  readonly edges: string;
  readonly model: string;
  readonly blocks: string;
  readonly sharedValues: string;
}

export interface IdentityReport {
  readonly sources: readonly {
    readonly source: string;
    readonly records: number;
    readonly profiles: number;
  }[];
  readonly records: number;
  readonly profiles: number;
  /** What the newest run moved; null where no run since said. */
  readonly movement: Movement | null;
  readonly health: readonly HealthCheck[];
  readonly weights: FieldWeights;
  readonly bands: readonly ScoreBand[];
  readonly curve: readonly CurvePoint[];
  readonly unlinkable: Unlinkable;
  readonly blocks: readonly BlockCost[];
  readonly sharedValues: readonly SharedValueCost[];
  /** How many profiles have how many records. */
  readonly sizes: readonly { readonly records: number; readonly profiles: number }[];
  readonly largest: readonly LargeProfile[];
}

export interface BlockCost {
  readonly key: string;
  readonly pairs: number;
  /** Values that were too common, and were refined by further columns. */
  readonly refinedValues: number;
  /** Records in values that stayed too common: not compared by this key. */
  readonly skippedRecords: number;
}

export interface SharedValueCost {
  readonly kind: string;
  readonly value: string;
  readonly records: number;
  readonly givenNames: number;
  readonly surnames: number;
}

export interface LargeProfile {
  readonly profileId: string;
  readonly records: number;
  readonly sources: number;
}

const shownProfiles = 15;
const shownValues = 50;

/** How the people came about, as figures. Standardises the records again in this session; nothing is stored. */
export async function identityReport(
  session: Session,
  people: ReportRelations,
  movement: Movement | undefined,
): Promise<IdentityReport> {
  const { assignments, edges } = people;
  const { keySources, records } = await gatherRecords(session, people.inputs);
  await standardise(session, keySources.length, await Facts.toLearn(session));
  await dropSharedValues(session);
  const weights = await fieldWeights(session, people.model);
  const sizes = await session.rows<{ records: number; profiles: number }>(`
    SELECT records, count(*) AS profiles FROM (SELECT count(*) AS records FROM ${assignments} GROUP BY profile_id) GROUP BY 1 ORDER BY 1`);
  return {
    sources: await session.rows(`
      SELECT source, count(*) AS records, count(DISTINCT profile_id) AS profiles FROM ${assignments} GROUP BY 1 ORDER BY 1`),
    records,
    profiles: sizes.reduce((sum, { profiles }) => sum + profiles, 0),
    movement: movement ?? null,
    health: await healthChecks(session, assignments),
    weights,
    bands: await scoreBands(session, edges),
    curve: await thresholdCurve(session, edges),
    unlinkable: await unlinkableRecords(session, weights, keySources.length),
    blocks: await blockCosts(session, people.blocks, keySources),
    sharedValues: await session.rows<SharedValueCost & Record<string, never>>(
      `SELECT kind, value, records, given_names AS "givenNames", surnames FROM ${people.sharedValues} ORDER BY records DESC, kind, value LIMIT ${shownValues}`,
    ),
    sizes,
    largest: await session.rows<LargeProfile & Record<string, never>>(
      `SELECT profile_id AS "profileId", count(*) AS records, count(DISTINCT source) AS sources FROM ${assignments}
       GROUP BY 1 ORDER BY records DESC, 1 LIMIT ${shownProfiles}`,
    ),
  };
}

/** The keys of customers are numbered in the table: here they are called by the sources that they are of. */
async function blockCosts(
  session: Session,
  blocks: string,
  keySources: readonly string[],
): Promise<BlockCost[]> {
  const rows = await session.rows<BlockCost & Record<string, never>>(
    `SELECT key, pairs, refined_values AS "refinedValues", skipped_records AS "skippedRecords" FROM ${blocks} ORDER BY position`,
  );
  return rows.map((row) => {
    const number = /^customer key (\d+)$/.exec(row.key)?.[1];
    const source = number === undefined ? undefined : keySources[Number(number) - 1];
    return source === undefined ? row : { ...row, key: `customer key of ${source}` };
  });
}
