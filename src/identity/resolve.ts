import type { Session } from "../engine/index.ts";
import { type BlockReport, findCandidates } from "./block/candidates.ts";
import { clusterNodes } from "./cluster/cluster.ts";
import { type ComparisonPlan, prepareComparisons } from "./compare/compare.ts";
import { gatherRecords, type IdentityInput } from "./input.ts";
import { writeEdges } from "./persist/edges.ts";
import { writeModel } from "./persist/model.ts";
import { giveIds, type Previous } from "./persist/stable-id.ts";
import { collapseDuplicates } from "./standardise/collapse.ts";
import { readMailboxNames } from "./standardise/mailbox.ts";
import { dropSharedValues } from "./standardise/shared.ts";
import { standardise } from "./standardise/standardise.ts";
import type { Model } from "./weigh/estimate.ts";
import { scorePairs, trainModel } from "./weigh/score.ts";

export interface ResolveOptions {
  /** What the run before left, so that ids stay: see {@link Previous}. */
  readonly previous?: Previous;
  /** When an id that is new was first seen; default: now. */
  readonly now?: Date;
  readonly signal?: AbortSignal;
  /** Called as each step begins. */
  readonly onProgress?: (step: ResolveStep) => void;
}

export type ResolveStep = "standardise" | "block" | "compare" | "cluster" | "assign";

/** What {@link resolve} found. Its tables are temporary ones of the session and stay until the next resolution in it. */
export interface Resolution {
  readonly records: number;
  readonly profiles: number;
  /** Nodes: records without those that say the very same as another. */
  readonly distinctRecords: number;
  readonly comparedPairs: number;
  readonly model: Model;
  readonly plan: ComparisonPlan;
  readonly blocks: readonly BlockReport[];
  /** Values that so many people share that they identify nobody. */
  readonly sharedValues: readonly SharedValue[];
  readonly tables: ResolutionTables;
}

export interface SharedValue {
  readonly kind: string;
  readonly value: string;
  readonly records: number;
  readonly given_names: number;
  readonly surnames: number;
}

/** Names of temporary tables, to be written to the lake as `identity.<name>`. */
export interface ResolutionTables {
  /** (source, record_id, profile_id, first_seen) */
  readonly assignments: string;
  /** (left_source, left_id, right_source, right_id, weight, probability, evidence) */
  readonly edges: string;
  /** (profile_id, successor) */
  readonly retired: string;
  /** (comparison, level, position, person, household, stranger) */
  readonly model: string;
}

/**
 * Resolves the records of all inputs into people, without labels or settings. The same records give the same profiles,
 * whatever the order of the rows and the number of threads.
 * Fails as {@link gatherRecords} does, and with `engine.cancelled`.
 */
export async function resolve(
  session: Session,
  inputs: readonly IdentityInput[],
  options: ResolveOptions = {},
): Promise<Resolution> {
  const { signal, onProgress } = options;
  const cancellable = signal === undefined ? session : withSignal(session, signal);
  onProgress?.("standardise");
  const { keySources, records } = await gatherRecords(cancellable, inputs);
  await standardise(cancellable, keySources.length);
  await dropSharedValues(cancellable);
  await readMailboxNames(cancellable);
  const nodes = await collapseDuplicates(cancellable, keySources.length);
  onProgress?.("block");
  const plan = await prepareComparisons(cancellable, keySources.length);
  const blocks = await findCandidates(cancellable, nodes, keySources.length);
  onProgress?.("compare");
  const model = await trainModel(cancellable, plan, nodes);
  await scorePairs(cancellable, plan, model, "identity_pair", "identity_weight");
  onProgress?.("cluster");
  await clusterNodes(cancellable, plan, model, nodes);
  onProgress?.("assign");
  await giveIds(cancellable, options.previous, options.now ?? new Date());
  await writeEdges(cancellable, plan, model);
  await writeModel(cancellable, model);
  const [counted] = await session.rows<{ profiles: number; pairs: number }>(
    `SELECT (SELECT count(DISTINCT profile_id) FROM identity_assignments) AS profiles, (SELECT count(*) FROM identity_weight) AS pairs`,
  );
  return {
    records,
    profiles: counted!.profiles,
    distinctRecords: nodes,
    comparedPairs: counted!.pairs,
    model,
    plan,
    blocks,
    sharedValues: await session.rows<SharedValue>("SELECT * FROM identity_shared_value ORDER BY ALL"),
    tables: {
      assignments: "identity_assignments",
      edges: "identity_edges",
      retired: "identity_retired",
      model: "identity_model",
    },
  };
}

/** The same session; every statement ends when the signal says so. */
function withSignal(session: Session, signal: AbortSignal): Session {
  return {
    scratchFolder: session.scratchFolder,
    reach: session.reach,
    run: (sql, options) => session.run(sql, { signal, ...options }),
    rows: (sql, options) => session.rows(sql, { signal, ...options }),
    arrays: (sql, options) => session.arrays(sql, { signal, ...options }),
    describe: (sql) => session.describe(sql),
    parseFilter: (where) => session.parseFilter(where),
    requireReadOnly: (sql) => session.requireReadOnly(sql),
    close: () => session.close(),
  };
}
