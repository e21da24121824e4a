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

/**
 * The log of what was read through the Bridge. Records that come while others are being written go out together in the
 * next object, so that one put to the store covers any number of answers under way. Every object is new and written
 * once, so that processes need not know of each other.
 */
export class AccessLog {
  private readonly writer = newId();
  private written = 0;
  private waiting: AccessRecord[] = [];
  private next: Promise<void> | undefined;
  private current: Promise<void> = Promise.resolve();

  constructor(private readonly lake: Store) {}

  /** Resolves once the record is durable. Fails with `access.not_logged`: then the answer may not leave. */
  record(record: AccessRecord): Promise<void> {
    this.waiting.push(record);
    if (this.next === undefined) {
      const before = this.current.catch(() => undefined);
      this.next = before.then(() => this.flush());
      this.current = this.next;
    }
    return this.next;
  }

  private async flush(): Promise<void> {
    const records = this.waiting;
    this.waiting = [];
    this.next = undefined;
    const number = String(this.written).padStart(12, "0");
    this.written += 1;
    const key = `${ACCESS_LOG_FOLDER}${this.writer}/${number}.ndjson`;
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
