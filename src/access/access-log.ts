import { OneCopyError, newId } from "../base/index.ts";
import type { Store } from "../storage/index.ts";

/** In the lake: `<writer>/<number>.ndjson`, until a run has put them into the table `_system.access`. */
export const ACCESS_LOG_FOLDER = "_access/";

/** One answer of the Bridge: who was given what, or was not. */
export interface AccessRecord {
  /** ISO 8601, UTC. */
  readonly answered_at: string;
  /** null: of nobody, the token was wrong. */
  readonly principal: string | null;
  /** The beginning of the token's hash, as `onecopy recipient list` shows it. */
  readonly token: string | null;
  /** From where; "" when it is not known. */
  readonly address: string;
  readonly protocol: "delta-sharing" | "iceberg";
  /** Method and route: `POST /shares/:share/…/query`. */
  readonly operation: string;
  readonly share_name: string | null;
  /** `namespace.table`, as it was asked for. */
  readonly table_name: string | null;
  /** The table's version that was given. */
  readonly version: number | null;
  /** Of the files that may be read thereby, or that were sent; null where the answer names none. */
  readonly files: number | null;
  readonly bytes: number | null;
  /**
   * `granted`: addresses of so many files, and of so many bytes, went out. `sent`: the bytes themselves did. Both are told at the end
   * of an answer, whose beginning is told as `allowed`.
   */
  readonly decision: "allowed" | "denied" | "failed" | "granted" | "sent";
  /** The HTTP status. */
  readonly status: number;
  /**
   * ISO 8601, UTC: until when what was granted opens files in the store itself, whatever becomes of the grant; null where all bytes go
   * through OneCopy.
   */
  readonly ends_at: string | null;
}

/** So many objects of the log may be on their way to the store at once: a put to a cloud takes longer than an answer. */
const MOST_WRITERS = 4;

/**
 * The log of what was read through the Bridge. A record goes out at once while a writer is free; those that come while none is go
 * out together in the next object, so that one put to the store covers any number of answers under way. Every object is
 * new and written once, so that writers and processes need not know of each other.
 */
export class AccessLog {
  private waiting: AccessRecord[] = [];
  private next: Promise<void> | undefined;
  /** The one that was free last is taken first: who needs one writer has one. */
  private readonly free: Writer[] = [];
  private readonly asking: ((writer: Writer) => void)[] = [];
  private writers = 0;

  constructor(private readonly lake: Store) {}

  /** Resolves once the record is durable. Fails with `access.not_logged`: then the answer may not leave. */
  record(record: AccessRecord): Promise<void> {
    this.waiting.push(record);
    this.next ??= this.flush();
    return this.next;
  }

  private async flush(): Promise<void> {
    const writer = await this.freeWriter();
    const records = this.waiting;
    this.waiting = [];
    this.next = undefined;
    try {
      await writer.write(records);
    } finally {
      const asking = this.asking.shift();
      if (asking === undefined) this.free.push(writer);
      else asking(writer);
    }
  }

  private async freeWriter(): Promise<Writer> {
    const free = this.free.pop();
    if (free !== undefined) return free;
    if (this.writers < MOST_WRITERS) {
      this.writers += 1;
      return new Writer(this.lake);
    }
    return await new Promise((resolve) => this.asking.push(resolve));
  }
}

/** Writes the objects of a folder of its own, one after the other: whoever takes them up goes by their numbers. */
class Writer {
  private readonly name = newId();
  private written = 0;

  constructor(private readonly lake: Store) {}

  async write(records: readonly AccessRecord[]): Promise<void> {
    const number = String(this.written).padStart(12, "0");
    this.written += 1;
    const key = `${ACCESS_LOG_FOLDER}${this.name}/${number}.ndjson`;
    const body = records.map((record) => `${JSON.stringify(record)}\n`).join("");
    try {
      const outcome = await this.lake.put(key, body, { ifAbsent: true });
      // Nobody else can have made this key, so finding it settles an unknown outcome.
      if (outcome.kind === "written" || (await this.lake.head(key)).kind === "found") return;
      throw outcome.kind === "unknown" ? outcome.cause : new Error("the put was refused");
    } catch (cause) {
      throw new OneCopyError(
        "access.not_logged",
        `The log of accesses in ${this.lake.url} can't be written.`,
        {
          remedy: "Nothing is answered until it can. See whether OneCopy may write to the lake.",
          cause,
        },
      );
    }
  }
}
