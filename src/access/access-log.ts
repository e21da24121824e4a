import { setImmediate } from "node:timers/promises";
import type { Store } from "../storage/index.ts";
import { type AccessLogWriter, accessLogWriter, mostWriters } from "./access-log-writer.ts";

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
 * The log of what was read through the Bridge. A record goes out at once while a writer is free; those that come while none is go
 * out together in the next write, so that one covers any number of answers under way. Nobody else writes what a writer does, so
 * that writers and processes need not know of each other.
 */
export class AccessLog {
  private waiting: AccessRecord[] = [];
  private next: Promise<void> | undefined;
  /** The one that was free last is taken first: who needs one writer has one. */
  private readonly free: AccessLogWriter[] = [];
  private readonly asking: ((writer: AccessLogWriter) => void)[] = [];
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
    // What else has come from the network by now gets as far as this first: one write takes all of it.
    await setImmediate();
    const records = this.waiting;
    this.waiting = [];
    this.next = undefined;
    try {
      await writer.write(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    } finally {
      const asking = this.asking.shift();
      if (asking === undefined) this.free.push(writer);
      else asking(writer);
    }
  }

  private async freeWriter(): Promise<AccessLogWriter> {
    const free = this.free.pop();
    if (free !== undefined) return free;
    if (this.writers < mostWriters(this.lake)) {
      this.writers += 1;
      return accessLogWriter(this.lake);
    }
    return await new Promise((resolve) => this.asking.push(resolve));
  }
}
