import type { Filter } from "./filter.ts";
import type { Reach } from "./reach/reach.ts";

/** What engines have in common: a place where SQL runs. An engine knows files and folders, and no tables. */
export interface Engine {
  /** A folder of this process for temporary files, in the spill folder; removed at {@link close}. */
  readonly scratchFolder: string;

  session(): Promise<Session>;
  close(): Promise<void>;
}

/** One connection: temporary tables live in it; its statements run one after the other. */
export interface Session {
  /** The engine's, {@link Engine.scratchFolder}. */
  readonly scratchFolder: string;

  /** The engine's way to objects that are no files of this machine; for `addresses`. */
  readonly reach: Reach;

  /** Runs statements whose rows nobody needs. */
  run(sql: string, options?: RunOptions): Promise<void>;

  /**
   * The rows of a small result. Integers that a double holds are numbers, larger ones bigints; decimals are texts,
   * binary is Uint8Array. Dates and timestamps are ISO 8601 texts, `infinity` or `-infinity`; a timestamp ends in
   * `Z` when its type is a moment (WITH TIME ZONE), and has no zone otherwise.
   */
  rows<Row = Record<string, Value>>(sql: string, options?: RunOptions): Promise<Row[]>;

  /** Columns of numbers without a null, as typed arrays; the way for millions of rows. */
  arrays(sql: string, options?: RunOptions): Promise<Record<string, NumberColumn>>;

  /** Makes a temporary table, or makes it anew, of typed arrays of one length: the way back for millions of rows. */
  load(table: string, columns: Readonly<Record<string, LoadedColumn>>): Promise<void>;

  /** Names and engine types of a query's columns, without running it. */
  describe(sql: string): Promise<Column[]>;

  /** Fails with `engine.not_read_only` unless the text is one statement, and one that only reads. */
  requireReadOnly(sql: string): Promise<void>;

  /**
   * What a condition (as it stands after WHERE, without subqueries) says of its columns. Fails with
   * `engine.query_failed` when it is no SQL.
   */
  parseFilter(where: string): Promise<Filter>;

  /**
   * Which rows of each table, by its name in lower case, a SELECT needs at most; of tables that are not in it, all.
   * Fails with `engine.query_failed` and `engine.not_read_only`.
   */
  tableFilters(sql: string): Promise<ReadonlyMap<string, Filter>>;

  /** What still runs is interrupted and fails. */
  close(): void;
}

export interface RunOptions {
  /** Aborting makes the statement fail with `engine.cancelled`; the session stays usable. */
  readonly signal?: AbortSignal;
  /** Called while the statement runs, with 0…100. */
  readonly onProgress?: (percent: number) => void;
}

export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | Value[]
  | { [key: string]: Value };

export type NumberColumn = Int32Array | BigInt64Array | Float32Array | Float64Array;

/** Becomes INTEGER, DOUBLE. */
export type LoadedColumn = Int32Array | Float64Array;

/** `type` in the engine's words: `VARCHAR`, `DECIMAL(18,4)`. */
export interface Column {
  readonly name: string;
  readonly type: string;
}
