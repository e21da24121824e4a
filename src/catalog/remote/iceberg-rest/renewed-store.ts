import { OneCopyError } from "../../../base/index.ts";
import type { ByteRange, GetOutcome, HeadOutcome, ObjectEntry, Store } from "../../../storage/index.ts";

/** A request takes its time, and clocks differ. */
const spareMs = 60_000;

/** A store that is read with keys that end. */
export interface Keyed {
  readonly store: Store;
  /** In milliseconds since 1970. */
  readonly endsMs: number;
}

/**
 * A store for reading whose keys are renewed as long as it is used: before they end, and when they are refused earlier.
 * An engine reads it through this process, which has the keys of the moment.
 */
export class RenewedStore implements Store {
  readonly url: string;
  readonly remote = { kind: "download" } as const;
  private renewing: Promise<void> | undefined;
  private renewAtMs: number;

  constructor(
    private current: Keyed,
    private readonly renew: () => Promise<Keyed>,
  ) {
    this.url = current.store.url;
    this.renewAtMs = renewalOf(current);
  }

  async get(key: string, range?: ByteRange): Promise<GetOutcome> {
    return await this.withKeys((store) => store.get(key, range));
  }

  async head(key: string): Promise<HeadOutcome> {
    return await this.withKeys((store) => store.head(key));
  }

  async *list(prefix: string, options?: { readonly startAfter?: string }): AsyncGenerator<ObjectEntry> {
    yield* (await this.good()).store.list(prefix, options);
  }

  locate(key: string): string {
    return this.current.store.locate(key);
  }

  async put(): Promise<never> {
    throw this.readOnly();
  }

  async delete(): Promise<never> {
    throw this.readOnly();
  }

  async stagingFolder(): Promise<undefined> {}

  async adopt(): Promise<never> {
    throw this.readOnly();
  }

  private async withKeys<T>(ask: (store: Store) => Promise<T>): Promise<T> {
    const keyed = await this.good();
    try {
      return await ask(keyed.store);
    } catch (error) {
      if (!(error instanceof OneCopyError) || error.code !== "storage.denied") throw error;
      // Others may have got new ones meanwhile.
      if (this.current === keyed) await this.renewed();
      return await ask(this.current.store);
    }
  }

  private async good(): Promise<Keyed> {
    if (this.renewAtMs < Date.now()) await this.renewed();
    return this.current;
  }

  /** Everybody who needs new keys meanwhile waits for the same ones. */
  private async renewed(): Promise<void> {
    this.renewing ??= this.renew()
      .then((keyed) => {
        this.current = keyed;
        this.renewAtMs = renewalOf(keyed);
      })
      .finally(() => (this.renewing = undefined));
    await this.renewing;
  }

  private readOnly(): OneCopyError {
    return new OneCopyError("remote.read_only", `${this.url} belongs to somebody else, and is only read.`);
  }
}

/** Of keys that are about to end when they come, half of the time is used: else each request would ask for others. */
function renewalOf({ endsMs }: Keyed): number {
  return endsMs - Math.min(spareMs, Math.max(0, endsMs - Date.now()) / 2);
}
