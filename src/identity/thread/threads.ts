import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Job } from "./job.ts";

/** What a worker is told; it answers with its parts' numbers and outputs. */
export interface Order {
  readonly job: string;
  readonly input: unknown;
  readonly parts: number;
  /** The next part that nobody has begun. */
  readonly next: Int32Array;
}

/** Up to so many threads: more wait for memory rather than for one another. */
const mostThreads = 8;

/** Threads that share the parts of one job after another. What is found does not depend on how many there are. */
export class Threads {
  /** The one that asks. */
  static readonly one = new Threads([]);

  private constructor(private readonly workers: readonly Thread[]) {}

  /** `count` in all, the one that asks among them, for as long as `work` takes. */
  static async use<Found>(count: number, work: (threads: Threads) => Promise<Found>): Promise<Found> {
    const others = Math.max(0, Math.min(count, mostThreads) - 1);
    const workers = Array.from({ length: others }, openThread);
    try {
      return await work(new Threads(workers));
    } finally {
      await Promise.all(workers.map(async ({ worker }) => await worker.terminate()));
    }
  }

  get count(): number {
    return 1 + this.workers.length;
  }

  /** The outputs of all parts, in their order. `own`: parts for this thread, where what they need was made already. */
  async run<Input, Output>(
    job: Job<Input, Output>,
    input: Input,
    parts: number,
    own?: (part: number) => Output,
  ): Promise<Output[]> {
    const next = new Int32Array(new SharedArrayBuffer(4));
    const order: Order = { job: job.name, input, parts, next };
    const asked = Promise.all((parts < 2 ? [] : this.workers).map((worker) => ask<Output>(worker, order)));
    // It is awaited below, unless this thread's own part fails.
    asked.catch(() => undefined);
    const found = doParts(order, own ?? job.begin(input));
    for (const answer of await asked) found.push(...answer);
    return found.sort(([left], [right]) => left - right).map(([, output]) => output);
  }
}

/** Does what nobody else has begun. */
export function doParts<Output>({ next, parts }: Order, part: (part: number) => Output): [number, Output][] {
  const found: [number, Output][] = [];
  for (let i = Atomics.add(next, 0, 1); i < parts; i = Atomics.add(next, 0, 1)) found.push([i, part(i)]);
  return found;
}

interface Thread {
  readonly worker: Worker;
  /** Fails when the worker does, whoever waits for it then. */
  readonly ended: Promise<never>;
}

async function ask<Output>({ worker, ended }: Thread, order: Order): Promise<[number, Output][]> {
  worker.postMessage(order);
  const [answer] = (await Promise.race([once(worker, "message"), ended])) as [[number, Output][]];
  return answer;
}

function openThread(): Thread {
  const worker = newWorker();
  const ended = new Promise<never>((_, fail) => {
    worker.once("error", fail);
    worker.once("exit", () => fail(new Error("A thread ended amid its work.")));
  });
  ended.catch(() => undefined);
  return { worker, ended };
}

/** What is built has the worker in a folder beside; sources are run as they are, which a worker has to be taught first. */
function newWorker(): Worker {
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL("../identity/worker.js", import.meta.url));
  const source = JSON.stringify(new URL("worker.ts", import.meta.url).href);
  return new Worker(`import("tsx/esm/api").then(({ register }) => (register(), import(${source})))`, {
    eval: true,
    execArgv: [],
  });
}
