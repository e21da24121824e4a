import type { Session } from "../engine/index.ts";
import { type BlockReport, type Candidates, findCandidates } from "./block/candidates.ts";
import { compareInThreads, prepareComparisons } from "./compare/compare.ts";
import { markNodes } from "./compare/recipient.ts";
import { gatherRecords, type IdentityInput } from "./input.ts";
import { Facts } from "./model/facts.ts";
import { learnForDrift } from "./increment/drift.ts";
import { writeRecords } from "./increment/records.ts";
import type { Nodes } from "./node/nodes.ts";
import { findPeople, loadClusters, nodesOf } from "./people.ts";
import { shippingSources, sourcesOf } from "./sources.ts";
import { writeBlocks } from "./persist/blocks.ts";
import { writeEdges } from "./persist/edges.ts";
import { readModel, writeModel } from "./persist/model.ts";
import { giveIds, type Previous } from "./persist/stable-id.ts";
import { findLinked, type StewardLink } from "./steward/on-nodes.ts";
import { readMailboxNames } from "./standardise/mailbox.ts";
import { dropSharedValues } from "./standardise/shared.ts";
import { standardise } from "./standardise/standardise.ts";
import { Threads } from "./thread/threads.ts";
import type { Model } from "./weigh/estimate.ts";
import type { Matching } from "./weigh/matching.ts";
import { Scorer, trainModel } from "./weigh/score.ts";
import { withSignal } from "./with-signal.ts";

export interface ResolveOptions {
  /** What the run before left, so that ids stay: see {@link Previous}. */
  readonly previous?: Previous;
  /** When an id that is new was first seen; default: now. */
  readonly now?: Date;
  /** What stewards decided, newest first, for each two records the newest decision only. */
  readonly links?: readonly StewardLink[];
  /** Keys by name (a source for its customers' keys, or a tag): records with the same value are one person. */
  readonly trusted?: readonly string[];
  /** Keys by name: records with different values never are one person. */
  readonly separate?: readonly string[];
  /** How readily records become one person; default: balanced. */
  readonly matching?: Matching;
  /** A model that was trained before; default: one is trained on these records. */
  readonly model?: KnownModel;
  /** Whether to make `identity_records`, from which {@link resolveChanges} goes on. */
  readonly keepsRecords?: boolean;
  readonly signal?: AbortSignal;
  /** Called as each step begins. */
  readonly onProgress?: (step: ResolveStep) => void;
}

/**
 * A model as a resolution left it: relations as {@link ResolutionTables} has them. The same records give the same people by it, whatever
 * others there are besides.
 */
export interface KnownModel {
  readonly model: string;
  readonly learned: string;
  readonly sharedValues: string;
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
  /** Weighs any pair of nodes (`identity_member(r, node)` says of which record) as it was weighed here. */
  readonly scorer: Scorer;
  readonly blocks: readonly BlockReport[];
  /** Values that so many people share that they identify nobody. */
  readonly sharedValues: readonly SharedValue[];
  /** Links that took no part, since they contradict newer ones. */
  readonly contradictedLinks: readonly StewardLink[];
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
  /** (kind, value, meaning, number): what else the model knows, see {@link Facts} */
  readonly learned: string;
  /** (position, key, pairs, refined_values, skipped_records) */
  readonly blocks: string;
  /** (kind, value, records, given_names, surnames) */
  readonly sharedValues: string;
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
  const links = await findLinked(cancellable, options.links ?? []);
  const known = options.model;
  const facts = await (known === undefined
    ? Facts.toLearn(cancellable)
    : Facts.known(cancellable, known.learned));
  await standardise(cancellable, keySources.length, facts);
  await dropSharedValues(cancellable, known?.sharedValues);
  await readMailboxNames(cancellable, facts);
  onProgress?.("block");
  const nodes = await nodesOf(cancellable, sourcesOf(inputs, keySources, facts), facts);
  const marks = markNodes(nodes, shippingSources(inputs));
  const { trusted = [], separate = [] } = options;
  const rules = { links, keySources, trusted, separate };
  const threads = nodes.count < fewestNodesToShare ? 1 : await threadsOf(session);
  const { candidates, model, scorer, compared, clusters, component } = await Threads.use(
    threads,
    async (threads) => {
      const { pairs, ...candidates } = await proposed(threads, nodes, facts, options.keepsRecords === true);
      onProgress?.("compare");
      const plan = prepareComparisons(nodes, marks, facts);
      const compared = await compareInThreads(threads, plan, pairs);
      const model =
        known === undefined
          ? await trainModel(threads, plan, compared, nodes.count)
          : await readModel(cancellable, known.model, plan);
      const scorer = new Scorer(plan, model, options.matching);
      onProgress?.("cluster");
      const weighed = scorer.weigh(compared);
      learnForDrift(facts, scorer, weighed, records);
      const people = await findPeople(cancellable, threads, nodes, scorer, weighed, rules);
      return { candidates, model, scorer, compared: compared.a.length, ...people };
    },
  );
  onProgress?.("assign");
  await loadClusters(cancellable, clusters);
  await giveIds(cancellable, options.previous, options.now ?? new Date());
  await writeEdges(cancellable, scorer, clusters, facts);
  await writeModel(cancellable, model);
  await facts.write();
  await writeBlocks(cancellable, candidates.report);
  if (candidates.blocks !== undefined)
    await writeRecords(cancellable, keySources.length, {
      nodes,
      marks,
      blocks: candidates.blocks,
      component,
    });
  const [counted] = await session.rows<{ profiles: number }>(
    "SELECT count(DISTINCT profile_id) AS profiles FROM identity_assignments",
  );
  return {
    records,
    profiles: counted!.profiles,
    distinctRecords: nodes.count,
    comparedPairs: compared,
    model,
    scorer,
    blocks: candidates.report,
    sharedValues: await session.rows<SharedValue>("SELECT * FROM identity_shared_value ORDER BY ALL"),
    contradictedLinks: links.contradicted,
    tables: {
      assignments: "identity_assignments",
      edges: "identity_edges",
      retired: "identity_retired",
      model: "identity_model",
      learned: "identity_learned",
      blocks: "identity_blocks",
      sharedValues: "identity_shared_value",
    },
  };
}

/** The pairs to compare; without the blocks, of which a large table has gigabytes, where nobody asks for them later. */
async function proposed(
  threads: Threads,
  nodes: Nodes,
  facts: Facts,
  keepsBlocks: boolean,
): Promise<Omit<Candidates, "blocks"> & Partial<Candidates>> {
  const { blocks, ...candidates } = await findCandidates(threads, nodes, facts);
  return keepsBlocks ? { ...candidates, blocks } : candidates;
}

/** Fewer nodes are resolved sooner than a thread begins. */
const fewestNodesToShare = 50_000;

/** As many as the engine has. */
async function threadsOf(session: Session): Promise<number> {
  const [row] = await session.rows<{ threads: number }>(
    "SELECT CAST(current_setting('threads') AS INTEGER) AS threads",
  );
  return row!.threads;
}
