import { fileURLToPath } from "node:url";
import { LineProcess } from "../line-process.ts";

export interface Filter {
  readonly column: string;
  /** The way to a field in it, if it is a struct. */
  readonly fields?: readonly string[];
  readonly op: "=" | "<" | ">" | "null";
  readonly value: string;
  /** In SQL: what the value is cast to. */
  readonly type: string;
}

export interface ReadRequest {
  /** The table's folder. */
  readonly delta: string;
  readonly version: number | null;
  /** The Iceberg metadata file of the same version. */
  readonly metadata: string;
  readonly filter: Filter | null;
  readonly readers?: readonly string[];
  /** One text for all rows, for tables that are too large to compare otherwise. */
  readonly digest?: true;
}

export type Rows = (string | null)[][];
export type Answer = { columns: string[]; rows: Rows } | { error: string };
export type Answers = Readonly<Record<string, Answer>>;

/** All of `readers.py`. */
export const readerNames = [
  "delta_rs",
  "duckdb_delta",
  "polars_delta",
  "pyiceberg",
  "duckdb_iceberg",
  "polars_iceberg",
  "pandas",
] as const;

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A Python process in which the clients stay loaded; it runs `readers.py`. */
export class Readers {
  private readonly process = new LineProcess(
    `${root}/.venv/bin/python`,
    ["-W", "ignore", `${root}/test/interop/table/readers.py`, `${root}/.venv/duckdb-extensions`],
    { POLARS_ICEBERG_PLANNER: "pyiceberg" },
  );

  async read(request: ReadRequest): Promise<Answers> {
    return (await this.process.ask(request)) as Answers;
  }

  /** What DuckDB makes of a query: what readers are expected to find. */
  async evaluate(sql: string): Promise<{ columns: string[]; rows: Rows }> {
    const { duckdb_itself: found } = (await this.process.ask({ sql })) as Answers;
    if ("error" in found!) throw new Error(`${found.error} in ${sql}`);
    return found!;
  }

  async close(): Promise<void> {
    await this.process.close();
  }
}

export function sorted(rows: Rows): Rows {
  const key = (value: string | null): string => (value === null ? "1" : `0${value}`);
  return [...rows].sort((a, b) => {
    const i = a.findIndex((value, j) => value !== b[j]);
    return i < 0 ? 0 : Buffer.compare(Buffer.from(key(a[i]!)), Buffer.from(key(b[i]!)));
  });
}
