import { setTimeout as sleep } from "node:timers/promises";
import { OneCopyError } from "../../base/index.ts";
import type {
  ByteRange,
  GetOutcome,
  HeadOutcome,
  ObjectEntry,
  PutCondition,
  PutOutcome,
  RemoteAccess,
  Store,
} from "../store.ts";
import type { Fault, FaultPlan, StoreCall, StoreOperation } from "./plan.ts";

/** A store that fails as object stores and networks do, by a plan; for tests of what writes. */
export class FaultyStore implements Store {
  readonly url: string;
  readonly remote?: RemoteAccess;
  private readonly counts = new Map<StoreOperation, number>();
  private readonly late = new Set<Promise<unknown>>();

  /** `onFault` is told of every fault as it happens. */
  constructor(
    private readonly store: Store,
    private readonly plan: FaultPlan,
    private readonly onFault: (call: StoreCall, fault: Fault) => void = () => {},
  ) {
    this.url = store.url;
    if (store.remote !== undefined) this.remote = store.remote;
  }

  get(key: string, range?: ByteRange): Promise<GetOutcome> {
    return this.faulty("get", key, () => this.store.get(key, range));
  }

  head(key: string): Promise<HeadOutcome> {
    return this.faulty("head", key, () => this.store.head(key));
  }

  async put(key: string, body: Uint8Array | string, condition?: PutCondition): Promise<PutOutcome> {
    const fault = this.faultOf("put", key);
    // What is late, or repeated, is what was sent, whatever becomes of the caller's buffer.
    const sent = typeof body === "string" ? body : Uint8Array.from(body);
    const put = (): Promise<PutOutcome> => this.store.put(key, sent, condition);
    switch (fault?.kind) {
      case "unknown-before":
        return { kind: "unknown", cause: injected("put", key) };
      case "unknown-after":
        await put();
        return { kind: "unknown", cause: injected("put", key) };
      case "late":
        this.keep(sleep(fault.delayMs).then(put));
        return { kind: "unknown", cause: injected("put", key) };
      case "duplicate":
        await put();
        return put();
      default:
        return carryOut(fault, "put", key, put);
    }
  }

  async *list(prefix: string, options?: { readonly startAfter?: string }): AsyncIterable<ObjectEntry> {
    await this.faulty("list", prefix, async () => {});
    yield* this.store.list(prefix, options);
  }

  delete(key: string): Promise<void> {
    return this.faulty("delete", key, () => this.store.delete(key));
  }

  locate(key: string): string {
    return this.store.locate(key);
  }

  stagingFolder(): Promise<string | undefined> {
    return this.store.stagingFolder();
  }

  adopt(localPath: string, key: string): Promise<{ readonly sizeBytes: number }> {
    return this.faulty("adopt", key, () => this.store.adopt(localPath, key));
  }

  /** When every late put has happened. */
  async settled(): Promise<void> {
    while (this.late.size > 0) await Promise.all(this.late);
  }

  private faulty<T>(operation: StoreOperation, key: string, work: () => Promise<T>): Promise<T> {
    return carryOut(this.faultOf(operation, key), operation, key, work);
  }

  private faultOf(operation: StoreOperation, key: string): Fault | undefined {
    const nth = (this.counts.get(operation) ?? 0) + 1;
    this.counts.set(operation, nth);
    const call = { operation, key, nth };
    const fault = this.plan(call);
    if (fault !== undefined) this.onFault(call, fault);
    return fault;
  }

  private keep(happening: Promise<unknown>): void {
    const settled = happening.catch(() => undefined).finally(() => this.late.delete(settled));
    this.late.add(settled);
  }
}

async function carryOut<T>(
  fault: Fault | undefined,
  operation: StoreOperation,
  key: string,
  work: () => Promise<T>,
): Promise<T> {
  switch (fault?.kind) {
    case undefined:
      return work();
    case "delay":
      await sleep(fault.delayMs);
      return work();
    case "fail-before":
      throw injected(operation, key);
    case "fail-after":
      await work();
      throw injected(operation, key);
    default:
      throw new TypeError(`${fault!.kind} is a fault of puts, not of ${operation}`);
  }
}

function injected(operation: StoreOperation, key: string): OneCopyError {
  return new OneCopyError("storage.failed", `Injected fault: ${operation} ${key}`);
}
