import { type DuckDBConnection, type DuckDBMaterializedResult, StatementType } from "@duckdb/node-api";
import { OneCopyError, messageOf } from "../../base/index.ts";
import type { Column, NumberColumn, RunOptions, Session, Value } from "../session.ts";
import { numberColumns } from "./arrays.ts";
import { toValue } from "./value.ts";

/** Only `run()` of the binding is used: its streams end early, and silently, when a query fails midway. */
export class DuckSession implements Session {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly connection: DuckDBConnection) {}

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

  async describe(sql: string): Promise<Column[]> {
    const rows = await this.rows<{ column_name: string; column_type: string }>(`DESCRIBE ${sql}`);
    return rows.map((row) => ({ name: row.column_name, type: row.column_type }));
  }

  async requireReadOnly(sql: string): Promise<void> {
    const kinds = await this.statementKinds(sql);
    // Not EXPLAIN either: EXPLAIN ANALYZE runs what it explains, a COPY too.
    if (kinds.length === 1 && kinds[0] === StatementType.SELECT) return;
    throw new OneCopyError(
      "engine.not_read_only",
      kinds.length === 1
        ? `Only a statement that reads is allowed here, this one is ${StatementType[kinds[0]!]}.`
        : `Exactly one statement is expected, found ${kinds.length}.`,
      { remedy: "Write one SELECT." },
    );
  }

  private async statementKinds(sql: string): Promise<StatementType[]> {
    if (sql.trim() === "") return [];
    try {
      const statements = await this.connection.extractStatements(sql);
      const kinds: StatementType[] = [];
      for (let i = 0; i < statements.count; i++) kinds.push((await statements.prepare(i)).statementType);
      return kinds;
    } catch (cause) {
      throw new OneCopyError("engine.query_failed", messageOf(cause), { cause });
    }
  }

  close(): void {
    this.connection.closeSync();
  }

  private execute(sql: string, options: RunOptions): Promise<DuckDBMaterializedResult> {
    const turn = this.last.then(() => this.executeNow(sql, options));
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private async executeNow(
    sql: string,
    { signal, onProgress }: RunOptions,
  ): Promise<DuckDBMaterializedResult> {
    if (signal?.aborted) throw cancelled();
    let interrupted = false;
    const interrupt = (): void => {
      interrupted = true;
      this.connection.interrupt();
    };
    signal?.addEventListener("abort", interrupt);
    const timer = onProgress === undefined ? undefined : await this.watchProgress(onProgress);
    try {
      return await this.connection.run(sql);
    } catch (cause) {
      if (interrupted) throw cancelled();
      throw new OneCopyError("engine.query_failed", messageOf(cause), { cause });
    } finally {
      clearInterval(timer);
      signal?.removeEventListener("abort", interrupt);
      // An interrupt that came after the query's end would hit the next one: let it hit this one.
      if (interrupted) await this.connection.run("SELECT 1").catch(() => undefined);
    }
  }

  private async watchProgress(onProgress: (percent: number) => void): Promise<NodeJS.Timeout> {
    await this.connection.run(
      "SET enable_progress_bar = true; SET enable_progress_bar_print = false; SET progress_bar_time = 0",
    );
    return setInterval(() => {
      const { percentage } = this.connection.progress;
      if (percentage >= 0) onProgress(percentage);
    }, 200);
  }
}

function cancelled(): OneCopyError {
  return new OneCopyError("engine.cancelled", "The query was cancelled.");
}
