/**
 * What differs in how engines are spoken to: no condition that runs on several uses a function that is not named here.
 * Arguments named `x` are SQL expressions.
 */
export interface Dialect {
  /** As Iceberg's views name it (view spec, "Representations"). */
  readonly name: "duckdb" | "spark" | "trino";
  ident(name: string): string;
  text(value: string): string;
  isNaN(x: string): string;
  contains(x: string, part: string): string;
  startsWith(x: string, start: string): string;
  /** The day that it is in UTC, whatever zone the session has. */
  readonly today: string;
  daysBefore(day: string, days: number): string;
  /** The day in UTC of a moment, or (`zoned`: false) of a timestamp without zone, which is taken as UTC. */
  dayOf(x: string, zoned: boolean): string;
  /** With a column of an engine type (`BIGINT`, `DECIMAL(18,2)`, `FLOAT`, …). */
  compareNumber(x: string, columnType: string, value: number): Operands;
  /** With a moment in UTC: `2026-01-31 12:00:00.000000`. */
  compareMoment(x: string, zoned: boolean, moment: string): Operands;
}

/** The two sides of a comparison. */
export interface Operands {
  readonly left: string;
  readonly right: string;
}
