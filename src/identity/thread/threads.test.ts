import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadRetail, retailInputs } from "../../../test/retailer.ts";
import { type Workbench, openWorkbench } from "../../../test/workbench.ts";
import { findCandidates } from "../block/candidates.ts";
import { connect } from "../cluster/connected.ts";
import { clusterNodes } from "../cluster/cluster.ts";
import { compareInThreads, prepareComparisons } from "../compare/compare.ts";
import { markNodes } from "../compare/recipient.ts";
import { gatherRecords } from "../input.ts";
import { Facts } from "../model/facts.ts";
import { nodesOf } from "../people.ts";
import { sourcesOf } from "../sources.ts";
import { readMailboxNames } from "../standardise/mailbox.ts";
import { dropSharedValues } from "../standardise/shared.ts";
import { findLinked } from "../steward/on-nodes.ts";
import { standardise } from "../standardise/standardise.ts";
import { Scorer, trainModel } from "../weigh/score.ts";
import { Threads } from "./threads.ts";

let bench: Workbench;
beforeAll(async () => {
  bench = await openWorkbench("onecopy-threads-", { threads: 2 });
  await loadRetail(bench.session, join(bench.base, "retail"), 4000, 12);
}, 60_000);
afterAll(async () => {
  await bench.close();
});

/** The same, whose own thread is slow: the others have most of the parts. */
function idle(threads: Threads): Threads {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const run: Threads["run"] = async (job, input, parts, own) => {
    const part = own ?? job.begin(input);
    return await threads.run(job, input, parts, (i) => {
      Atomics.wait(pause, 0, 0, 20);
      return part(i);
    });
  };
  return Object.assign(Object.create(threads) as Threads, { run });
}

/** What a resolution finds on its way, by so many threads. */
async function found(count: number) {
  const { session } = bench;
  const inputs = retailInputs();
  const { keySources } = await gatherRecords(session, inputs);
  await findLinked(session, []);
  const facts = await Facts.toLearn(session);
  await standardise(session, keySources.length, facts);
  await dropSharedValues(session, undefined);
  await readMailboxNames(session, facts);
  return await Threads.use(count, async (all) => {
    const threads = idle(all);
    const nodes = await nodesOf(session, sourcesOf(inputs, keySources, facts), facts, threads);
    const marks = markNodes(nodes, new Set());
    const candidates = await findCandidates(threads, nodes, facts);
    const plan = prepareComparisons(nodes, marks, facts);
    const compared = await compareInThreads(threads, plan, candidates.pairs);
    const model = await trainModel(threads, plan, compared, nodes.count);
    const scorer = new Scorer(plan, model);
    const connected = await connect(threads, nodes.count, scorer, compared);
    const clusters = await clusterNodes(threads, scorer, connected);
    return { nodes: nodes.data, candidates, compared, model, clusters, learned: facts.learned };
  });
}

test("what is found does not depend on how many threads look for it", async () => {
  const alone = await found(1);
  expect(alone.candidates.blocks.keys).toBeGreaterThan(20);
  expect(new Set(alone.clusters.cluster).size).toBeLessThan(alone.clusters.cluster.length);
  expect(await found(3)).toEqual(alone);
});

test("a thread that fails makes the work fail, and the next goes on", async () => {
  const job = {
    name: "no such job",
    begin: () => (part: number) => part,
  };
  const work = Threads.use(2, async (threads) => await threads.run(job, {}, 1000));
  await expect(work).rejects.toThrow("There is no such job");
  expect(await Threads.use(2, async (threads) => await threads.run(job, {}, 1))).toEqual([0]);
});
