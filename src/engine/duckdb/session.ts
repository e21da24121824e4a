import type { DuckDBConnection, DuckDBMaterializedResult } from "@duckdb/node-api";
import { OneCopyError, messageOf } from "../../base/index.ts";
import type { Reach } from "../reach/reach.ts";
import type { Column, LoadedColumn, NumberColumn, RunOptions, Session, Value } from "../session.ts";
import type { Filter } from "../filter.ts";
import { load, numberColumns } from "./arrays.ts";
import { parseFilter } from "./filter.ts";
import { requireReadOnly } from "./read-only.ts";
import { tableFilters } from "./table-filters.ts";
import { toValue } from "./value.ts";

/** Only `run()` of the binding is used: its streams end early, and silently, when a query fails midway. */
export class DuckSession implements Session {
  private last: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | undefined;

  constructor(
    private readonly connection: DuckDBConnection,
    readonly scratchFolder: string,
    readonly reach: Reach,
    private readonly onClosed: () => void,
  ) {}

  async run(sql: string, options: RunOptions = {}): Promise<void> {
    await this.execute(sql, options);
  }

  async rows<Row = Record<string, Value>>(sql: string, options: RunOptions = {}): Promise<Row[]> {
    const result = await this.execute(sql, options);
    const names = result.deduplicatedColumnNames();
    const rows = await result.getRows();
    return rows.map((row) => Object.fromEntries(row.map((value, i) => [names[i]!, toValue(value)])) as Row);
  }

  async arrays(sql: string, options: RunOptions = {}): Promise<Record<string, NumberColumn>> {
    return numberColumns(await this.execute(sql, options));
  }

  async load(table: string, columns: Readonly<Record<string, LoadedColumn>>): Promise<void> {
    await this.inTurn(() => load(this.connection, table, columns));
  }

  async describe(sql: string): Promise<Column[]> {
    const rows = await this.rows<{ column_name: string; column_type: string }>(`DESCRIBE ${sql}`);
    return rows.map((row) => ({ name: row.column_name, type: row.column_type }));
  }

  async requireReadOnly(sql: string): Promise<void> {
    await this.inTurn(() => requireReadOnly(this.connection, sql));
  }

  async parseFilter(where: string): Promise<Filter> {
    return await this.inTurn(() => parseFilter(this.connection, where));
  }

  async tableFilters(sql: string): Promise<ReadonlyMap<string, Filter>> {
    return await this.inTurn(() => tableFilters(this.connection, sql));
  }

  close(): void {
    void this.closed();
  }

  /** Closes the connection when what runs on it was interrupted: closed earlier, its promise would never settle. */
  closed(): Promise<void> {
    this.closing ??= this.stop();
    return this.closing;
  }

  private async stop(): Promise<void> {
    const stopInterrupting = this.keepInterrupting();
    await this.last;
    stopInterrupting();
    this.connection.closeSync();
    this.onClosed();
  }

  private execute(sql: string, options: RunOptions): Promise<DuckDBMaterializedResult> {
    return this.inTurn(() => this.executeNow(sql, options));
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(() => {
      if (this.closing !== undefined) throw closedError();
      return work();
    });
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async executeNow(
    sql: string,
    { signal, onProgress }: RunOptions,
  ): Promise<DuckDBMaterializedResult> {
    const stopWatching = onProgress === undefined ? undefined : await this.watchProgress(onProgress);
    let stopInterrupting: (() => void) | undefined;
    const interrupt = (): void => {
      stopInterrupting ??= this.keepInterrupting();
    };
    try {
      if (signal?.aborted) throw cancelled();
      signal?.addEventListener("abort", interrupt);
      return await this.connection.run(sql);
    } catch (cause) {
      if (signal?.aborted) throw cancelled();
      // What the engine read through this process failed for a reason that it was not told.
      const unread = this.reach.causeOf(messageOf(cause));
      if (unread !== undefined) throw unread;
      throw new OneCopyError("engine.query_failed", messageOf(cause), { cause });
    } finally {
      stopWatching?.();
      signal?.removeEventListener("abort", interrupt);
      stopInterrupting?.();
    }
  }

  /** Once would not do: a statement that waits for its thread forgets an interrupt when it starts. */
  private keepInterrupting(): () => void {
    this.connection.interrupt();
    const timer = setInterval(() => this.connection.interrupt(), 10);
    return () => clearInterval(timer);
  }

  private async watchProgress(onProgress: (percent: number) => void): Promise<() => void> {
    await this.connection.run(
      "SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0",
    );
    const timer = setInterval(() => {
      const { percentage } = this.connection.progress;
      if (percentage >= 0) onProgress(percentage);
    }, 200);
    return () => clearInterval(timer);
  }
}

function cancelled(): OneCopyError {
  return new OneCopyError("engine.cancelled", "The query was cancelled.");
}

function closedError(): OneCopyError {
  return new OneCopyError("engine.closed", "The session was closed before this statement could run.", {
    remedy: "Close a session when nothing needs it any more.",
  });
}
