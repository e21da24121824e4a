import type { Session } from "../../engine/index.ts";
import { findCandidates } from "../block/candidates.ts";
import { connect } from "../cluster/connected.ts";
import { compareInThreads, prepareComparisons } from "../compare/compare.ts";
import { markNodes, takeRecipientsAway } from "../compare/recipient.ts";
import { gatherRecords, type IdentityInput } from "../input.ts";
import { Facts } from "../model/facts.ts";
import { type Marks, packMarks } from "../node/marks.ts";
import { findPeople, loadClusters } from "../people.ts";
import { writeEdges } from "../persist/edges.ts";
import { readModel } from "../persist/model.ts";
import { giveIds, type Previous } from "../persist/stable-id.ts";
import type { KnownModel, ResolveOptions } from "../resolve.ts";
import { readMailboxNames } from "../standardise/mailbox.ts";
import { dropSharedValues } from "../standardise/shared.ts";
import { standardise } from "../standardise/standardise.ts";
import type { StewardLink } from "../steward/on-nodes.ts";
import { shippingSources, sourcesOf } from "../sources.ts";
import { Threads } from "../thread/threads.ts";
import { withSignal } from "../with-signal.ts";
import { Scorer } from "../weigh/score.ts";
import { type ChangedNames, fresh, stayed, takeChanges } from "./changed.ts";
import { findDrift } from "./drift.ts";
import { findNeighbours } from "./neighbours.ts";
import { findPartners, pairsOfNodes } from "./partners.ts";
import { evidenceColumns, writeRecords } from "./records.ts";
import { type Staged, stage } from "./staged.ts";
import { columnsOfKeys, findTouched } from "./touched.ts";

/** What an increment goes on from. */
export interface KnownPeople {
  readonly model: KnownModel;
  /** A relation as `identity_records` was after the resolution before, whole. */
  readonly records: string;
  readonly previous: Previous;
}

export interface ChangedRecords extends ChangedNames {
  /** All sources, each with its new and changed records only. */
  readonly inputs: readonly IdentityInput[];
}

/** What holds of a full resolution too. */
export type IncrementOptions = Pick<
  ResolveOptions,
  "now" | "links" | "trusted" | "separate" | "matching" | "signal" | "onProgress"
>;

/**
 * What an increment touched. Its tables are temporary ones of the session: of the records in components that were touched, `identity_touched(no)`,
 * they have what a resolution of all records would have, and of those before `identity_before(no, source, record_id, component, profile_id, first_seen)`.
 */
export interface Increment {
  /** Records that are new, changed or gone as far as they are evidence, or that were told of. */
  readonly changed: number;
  /** Records in the components that were touched. */
  readonly touched: number;
  readonly components: number;
  /** Of all people after it. */
  readonly profiles: number;
  /** Why the model should be trained anew: see {@link findDrift}. */
  readonly drift: string | undefined;
  readonly contradictedLinks: readonly StewardLink[];
}

/**
 * Resolves what changed since the people were resolved, by the same model: the same people, edges and ids as if all records were resolved
 * anew. Only the changed records are standardised; marks, which depend on who else has an e-mail, a telephone or a key, are
 * found again where that changed; what changed is compared with what shares a block with it; and the
 * components that it touches are clustered again.
 */
export async function resolveChanges(
  on: Session,
  changes: ChangedRecords,
  known: KnownPeople,
  options: IncrementOptions = {},
): Promise<Increment> {
  const { links = [], trusted = [], separate = [], signal, onProgress } = options;
  const session = signal === undefined ? on : withSignal(on, signal);
  onProgress?.("standardise");
  const facts = await Facts.known(session, known.model.learned);
  const { keySources } = await gatherRecords(session, changes.inputs);
  await standardise(session, keySources.length, facts);
  await dropSharedValues(session, known.model.sharedValues);
  await readMailboxNames(session, facts);
  const sources = sourcesOf(changes.inputs, keySources, facts);
  const evidence = evidenceColumns(keySources.length);
  await takeChanges(session, changes, known.records, evidence);
  const load = (wanted: string): Promise<Staged> =>
    stage(
      session,
      `(${fresh(evidence)} UNION ALL ${stayed(known.records, evidence, wanted)})`,
      sources,
      facts,
      links,
    );

  onProgress?.("block");
  // Marks can change as far as two steps from a change, and depend on those one step further, and one more.
  await findNeighbours(session, known.records, keySources.length);
  const near = await load("SEMI JOIN identity_near USING (no)");
  const marks = markNodes(near.nodes, shippingSources(changes.inputs));
  await takeNewMarks(session, marks);

  // Who shares a block with what changed.
  const keys = await findCandidates(Threads.one, near.nodes, facts, new Uint8Array(near.nodes.count));
  const component = Int32Array.from(near.changed.keys());
  const { blocks } = keys;
  await writeRecords(
    session,
    keySources.length,
    { nodes: near.nodes, marks, blocks, component },
    "(SELECT r, no FROM identity_numbered SEMI JOIN identity_changed USING (no))",
  );
  await session.run("CREATE OR REPLACE TEMP TABLE identity_changed_block AS FROM identity_records");
  onProgress?.("compare");
  const comparesEveryPair = keys.asks.length === 0;
  await (comparesEveryPair
    ? session.run(
        `CREATE OR REPLACE TEMP TABLE identity_partner AS SELECT no FROM ${known.records} UNION FROM identity_changed`,
      )
    : findPartners(session, known.records, keys.asks));
  const compared = await load("SEMI JOIN identity_partner USING (no)");
  takeRecipientsAway(compared.nodes, compared.marks);
  const plan = prepareComparisons(compared.nodes, compared.marks, facts);
  const scorer = new Scorer(plan, await readModel(session, known.model.model, plan), options.matching);
  const pairs = comparesEveryPair
    ? (await findCandidates(Threads.one, compared.nodes, facts, compared.changed)).pairs
    : [await pairsOfNodes(session)];
  const found = await compareInThreads(Threads.one, plan, pairs);
  const { pairs: weighed } = await connect(Threads.one, compared.nodes.count, scorer, found);
  const met = new Set<number>();
  for (let i = 0; i < weighed.a.length; i++)
    if (weighed.weight[i]! > 0) met.add(weighed.a[i]!).add(weighed.b[i]!);
  for (const [node, changed] of compared.changed.entries()) if (changed === 1) met.add(node);
  await session.load("identity_met", { node: Int32Array.from(met) });
  await findTouched(session, known.records, columnsOfKeys(trusted, keySources), links);

  onProgress?.("cluster");
  // The components that are touched, whole.
  const whole = await load("WHERE component IN (FROM identity_touched_component)");
  takeRecipientsAway(whole.nodes, whole.marks);
  const wholePlan = prepareComparisons(whole.nodes, whole.marks, facts);
  const wholeScorer = new Scorer(wholePlan, scorer.model, options.matching);
  const all = await findCandidates(Threads.one, whole.nodes, facts);
  const people = await findPeople(
    session,
    Threads.one,
    whole.nodes,
    wholeScorer,
    await connect(
      Threads.one,
      whole.nodes.count,
      wholeScorer,
      await compareInThreads(Threads.one, wholePlan, all.pairs),
    ),
    {
      links: whole.links,
      keySources,
      trusted,
      separate,
    },
  );
  onProgress?.("assign");
  await loadClusters(session, people.clusters);
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_before AS
    SELECT no, source, record_id, component, profile_id, first_seen
    FROM (SELECT no, source, record_id, component FROM ${known.records} WHERE component IN (FROM identity_touched_component))
    JOIN ${known.previous.assignments} USING (source, record_id)`);
  await gatherGiven(session, known.previous);
  await giveIds(
    session,
    {
      ...known.previous,
      assignments: "identity_before",
      given: "identity_given",
    },
    options.now ?? new Date(),
  );
  await writeEdges(session, wholeScorer, people.clusters, facts);
  await writeRecords(
    session,
    keySources.length,
    { nodes: whole.nodes, marks: whole.marks, blocks: all.blocks, component: people.component },
    numbers,
  );
  const [counted] = await session.rows<{
    changed: number;
    touched: number;
    components: number;
    profiles: number;
  }>(`
    SELECT (SELECT count(*) FROM identity_changed) AS changed, (SELECT count(*) FROM identity_records) AS touched,
      (SELECT count(DISTINCT component) FROM identity_records) AS components,
      (SELECT count(*) FROM identity_given WHERE lives) - (SELECT count(DISTINCT profile_id) FROM identity_before)
        + (SELECT count(DISTINCT profile_id) FROM identity_assignments) AS profiles`);
  await session.run("DROP TABLE identity_given");
  const drift = await findDrift(session, known.records, facts, scorer, weighed);
  return { ...counted!, drift, contradictedLinks: whole.links.contradicted };
}

const numbers = "(SELECT r, no FROM identity_numbered)";

/** Makes of the nodes' marks those of `identity_new_mark`, and of records whose marks are others than before changed ones. */
async function takeNewMarks(session: Session, marks: Marks): Promise<void> {
  const packed = packMarks(marks);
  await session.load("identity_marked", { node: Int32Array.from(packed.keys()), marks: packed });
  await session.run(`
    INSERT INTO identity_new_mark SELECT no, k.marks
    FROM identity_marked k JOIN identity_member USING (node) JOIN identity_numbered n USING (r) LEFT JOIN identity_near d USING (no)
    WHERE depth IS NULL OR (depth <= 2 AND k.marks <> n.marks);
    INSERT INTO identity_changed SELECT no FROM identity_new_mark ANTI JOIN identity_changed USING (no);
    UPDATE identity_came f SET marks = m.marks FROM identity_new_mark m WHERE m.no = f.no;
    DROP TABLE identity_marked`);
}

/** Makes `identity_given(profile_id, lives)`: each id that was given, of all people and not only those that are touched, and whether somebody had it before. */
async function gatherGiven(session: Session, { assignments, given }: Previous): Promise<void> {
  const before = given === undefined ? "" : ` UNION ALL SELECT profile_id, false FROM ${given}`;
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_given AS
    SELECT profile_id, bool_or(lives) AS lives FROM (SELECT profile_id, true AS lives FROM ${assignments}${before}) GROUP BY profile_id`);
}
