/** A thread of {@link Threads}: does parts of the jobs that it is told of, until it is ended. */
import { parentPort } from "node:worker_threads";
import { blockJob, proposeJob } from "../block/candidates.ts";
import { splitJob } from "../cluster/cluster.ts";
import { joinJob, withinJob } from "../cluster/connected.ts";
import { compareJob } from "../compare/compare.ts";
import { readJob } from "../node/read-texts.ts";
import type { Job } from "./job.ts";
import { doParts, type Order } from "./threads.ts";

const jobs: readonly Job<never, unknown>[] = [
  readJob,
  blockJob,
  proposeJob,
  compareJob,
  joinJob,
  withinJob,
  splitJob,
];

parentPort!.on("message", (order: Order) => {
  const job = jobs.find(({ name }) => name === order.job);
  if (job === undefined) throw new Error(`There is no such job as ${order.job}.`);
  parentPort!.postMessage(doParts(order, job.begin(order.input as never)));
});
