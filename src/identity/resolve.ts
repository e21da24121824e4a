import type { Session } from "../engine/index.ts";
import { type BlockReport, type Candidates, findCandidates } from "./block/candidates.ts";
import type { BlockTable } from "./block/table.ts";
import { connect, type Connected } from "./cluster/connected.ts";
import { compareInThreads, prepareComparisons } from "./compare/compare.ts";
import { countOf } from "./compare/packed.ts";
import { markNodes } from "./compare/recipient.ts";
import { gatherRecords, type IdentityInput } from "./input.ts";
import { Facts } from "./model/facts.ts";
import { learnForDrift } from "./increment/drift.ts";
import { writeRecords } from "./increment/records.ts";
import type { Marks } from "./node/marks.ts";
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
  const { trusted = [], separate = [] } = options;
  const rules = { links, keySources, trusted, separate };
  const count = records < fewestRecordsToShare ? 1 : await threadsOf(session);
  const { nodes, marks, weighed, clusters, component } = await Threads.use(count, async (threads) => {
    const nodes = await nodesOf(cancellable, sourcesOf(inputs, keySources, facts), facts, threads);
    const marks = markNodes(nodes, shippingSources(inputs));
    const weighed = await weighPairs(cancellable, threads, { nodes, marks, facts }, options);
    const { scorer, connected } = weighed;
    learnForDrift(facts, scorer, connected.pairs, records);
    const people = await findPeople(cancellable, threads, nodes, scorer, connected, rules);
    return { nodes, marks, weighed, ...people };
  });
  onProgress?.("assign");
  const { scorer, blocks, report } = weighed;
  await loadClusters(cancellable, clusters);
  await giveIds(cancellable, options.previous, options.now ?? new Date());
  await writeEdges(cancellable, scorer, clusters, facts);
  await writeModel(cancellable, scorer.model);
  await facts.write();
  await writeBlocks(cancellable, report);
  if (blocks !== undefined)
    await writeRecords(cancellable, keySources.length, {
      nodes,
      marks,
      blocks,
      component,
    });
  const [counted] = await session.rows<{ profiles: number }>(
    "SELECT count(DISTINCT profile_id) AS profiles FROM identity_assignments",
  );
  return {
    records,
    profiles: counted!.profiles,
    distinctRecords: nodes.count,
    comparedPairs: weighed.comparedPairs,
    model: scorer.model,
    scorer,
    blocks: report,
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

interface Weighed {
  readonly scorer: Scorer;
  readonly connected: Connected;
  readonly comparedPairs: number;
  readonly report: readonly BlockReport[];
  /** Where somebody asks for them later: a large table has gigabytes of them. */
  readonly blocks: BlockTable | undefined;
}

/** Finds the pairs to compare, trains a model on them unless one is given, and keeps of them what connects nodes. */
async function weighPairs(
  session: Session,
  threads: Threads,
  { nodes, marks, facts }: { readonly nodes: Nodes; readonly marks: Marks; readonly facts: Facts },
  { keepsRecords, model: known, matching, onProgress }: ResolveOptions,
): Promise<Weighed> {
  const { pairs, blocks, report } = await proposed(threads, nodes, facts, keepsRecords === true);
  onProgress?.("compare");
  const plan = prepareComparisons(nodes, marks, facts);
  const compared = await compareInThreads(threads, plan, pairs);
  const model =
    known === undefined
      ? await trainModel(threads, plan, compared, nodes.count)
      : await readModel(session, known.model, plan);
  const scorer = new Scorer(plan, model, matching);
  onProgress?.("cluster");
  const connected = await connect(threads, nodes.count, scorer, compared);
  return { scorer, connected, comparedPairs: countOf(compared), report, blocks };
}

async function proposed(
  threads: Threads,
  nodes: Nodes,
  facts: Facts,
  keepsBlocks: boolean,
): Promise<Pick<Candidates, "pairs" | "report"> & { readonly blocks: BlockTable | undefined }> {
  const { pairs, blocks, report } = await findCandidates(threads, nodes, facts);
  return { pairs, report, blocks: keepsBlocks ? blocks : undefined };
}

/** Fewer are resolved sooner than a thread begins. */
const fewestRecordsToShare = 50_000;

/** As many as the engine has. */
async function threadsOf(session: Session): Promise<number> {
  const [row] = await session.rows<{ threads: number }>(
    "SELECT CAST(current_setting('threads') AS INTEGER) AS threads",
  );
  return row!.threads;
}
