/** A table that SQL makes from other tables. */
export interface DerivedTable {
  readonly name: string;
  /** Names of the tables that it reads: the keys that `sql` expects in `relations`. */
  readonly inputs: readonly string[];
  /** Whatever decides the rows besides the inputs and the day; made to be hashed. */
  readonly rule: unknown;
  /** Whether the rows depend on the as-of day. */
  readonly timeDependent: boolean;
  /** Columns whose values point at one person: no statistics on them, no literals for them in rules. */
  readonly identifying: readonly string[];
  /**
   * The query. The same inputs and the same day (`YYYY-MM-DD`, UTC) give the same rows in the same order.
   * Fails with `profile.input_missing` when a relation is not given.
   */
  sql(relations: Readonly<Record<string, string>>, asOf: string): string;
}

export type SqlMaker = (relation: (name: string) => string, asOf: string) => string;
