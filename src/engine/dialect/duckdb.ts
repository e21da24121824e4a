import type { Dialect } from "./dialect.ts";
import { castNumber, ident, literal } from "./quote.ts";

/** The embedded engine. */
export const duckdb: Dialect = {
  name: "duckdb",
  ident,
  text: literal,
  isNaN: (x) => `isnan(${x})`,
  contains: (x, part) => `contains(${x}, ${part})`,
  startsWith: (x, start) => `starts_with(${x}, ${start})`,
  today: "CAST(timezone('UTC', now()) AS DATE)",
  daysBefore: (day, days) => `(${day} - ${days})`,
  dayOf: (x, zoned) => (zoned ? `CAST(timezone('UTC', ${x}) AS DATE)` : `CAST(${x} AS DATE)`),
  compareNumber: (x, columnType, value) => ({
    left: x,
    right: columnType === "FLOAT" ? castNumber(value, columnType, "FLOAT") : literal(value),
  }),
  compareMoment: (x, zoned, moment) => ({
    left: x,
    right: zoned ? `TIMESTAMPTZ ${literal(`${moment}+00`)}` : `TIMESTAMP ${literal(moment)}`,
  }),
};
