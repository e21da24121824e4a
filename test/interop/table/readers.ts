import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Filter {
  readonly column: string;
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
}

export type Rows = (string | null)[][];
export type Answers = Readonly<Record<string, { columns: string[]; rows: Rows } | { error: string }>>;

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
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private complaints = "";

  constructor() {
    this.process = spawn(
      `${root}/.venv/bin/python`,
      ["-W", "ignore", `${root}/test/interop/table/readers.py`, `${root}/.venv/duckdb-extensions`],
      { env: { ...process.env, PYTHONIOENCODING: "utf-8", POLARS_ICEBERG_PLANNER: "pyiceberg" } },
    );
    this.process.stderr.on("data", (chunk: Buffer) => (this.complaints += chunk.toString()));
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]();
  }

  async read(request: ReadRequest): Promise<Answers> {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    const line = await this.lines.next();
    if (line.done === true) throw new Error(`readers.py ended: ${this.complaints.slice(-2000)}`);
    return JSON.parse(line.value) as Answers;
  }

  close(): void {
    this.process.stdin.end();
  }
}

export function sorted(rows: Rows): Rows {
  const key = (value: string | null): string => (value === null ? "1" : `0${value}`);
  return [...rows].sort((a, b) => {
    const i = a.findIndex((value, j) => value !== b[j]);
    return i < 0 ? 0 : Buffer.compare(Buffer.from(key(a[i]!)), Buffer.from(key(b[i]!)));
  });
}
