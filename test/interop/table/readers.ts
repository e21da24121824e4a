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
  /** Where the table's bucket is, when it is in one. */
  readonly s3?: {
    readonly endpoint: string;
    readonly key: string;
    readonly secret: string;
    readonly region: string;
  };
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

function start(): LineProcess {
  return new LineProcess(
    `${root}/.venv/bin/python`,
    ["-W", "ignore", `${root}/test/interop/table/readers.py`, `${root}/.venv/duckdb-extensions`],
    { POLARS_ICEBERG_PLANNER: "pyiceberg" },
  );
}

/** A Python process in which the clients stay loaded; it runs `readers.py`. One that a client brings down is started again. */
export class Readers {
  private process = start();

  async read(request: ReadRequest): Promise<Answers> {
    try {
      return (await this.process.ask(request)) as Answers;
    } catch (error) {
      this.process = start();
      const names = request.readers ?? readerNames;
      if (names.length === 1) return { [names[0]!]: { error: `crashed: ${String(error)}` } };
      const answers: Record<string, Answer> = {};
      for (const name of names) Object.assign(answers, await this.read({ ...request, readers: [name] }));
      return answers;
    }
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
