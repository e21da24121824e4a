import type { Dialect } from "./dialect.ts";
import { castNumber, ident, literal } from "./quote.ts";

/** Trino 476. */
export const trino: Dialect = {
  name: "trino",
  ident,
  text: literal,
  isNaN: (x) => `is_nan(${x})`,
  contains: (x, part) => `(strpos(${x}, ${part}) > 0)`,
  startsWith: (x, start) => `starts_with(${x}, ${start})`,
  today: "CAST(current_timestamp AT TIME ZONE 'UTC' AS DATE)",
  daysBefore: (day, days) => `date_add('day', ${-days}, ${day})`,
  dayOf: (x, zoned) => `CAST(${zoned ? `${x} AT TIME ZONE 'UTC'` : x} AS DATE)`,
  compareNumber: (x, columnType, value) => ({ left: x, right: castNumber(value, columnType, "REAL") }),
  compareMoment: (x, zoned, moment) => ({
    left: x,
    right: `TIMESTAMP ${literal(zoned ? `${moment} UTC` : moment)}`,
  }),
};
