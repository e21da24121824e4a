import { OneCopyError } from "../../base/index.ts";
import type { Dialect } from "./dialect.ts";
import { castNumber, literal } from "./quote.ts";

const MICROS_A_DAY = 86_400_000_000;

/** Microseconds in UTC as a day: no function of Spark's takes a moment's day in a zone other than the session's exactly. */
function dayOfMicros(micros: string): string {
  const full = `(${micros} - pmod(${micros}, ${MICROS_A_DAY}))`;
  return `date_from_unix_date(CAST(${full} div ${MICROS_A_DAY} AS INT))`;
}

function isWholeNumber(columnType: string): boolean {
  return /INT$|^INTEGER$/.test(columnType);
}

/**
 * Spark 4.1 fails on a comparison of a whole number with a constant that its type has not: the optimizer finds that no
 * row can meet it, and says so in a way that it then cannot tell the table's reader (`V2ExpressionBuilder`, "assertion
 * failed"). It does not find that of a difference.
 */
function fits(value: number, columnType: string): boolean {
  const largest = columnType === "BIGINT" ? Number.MAX_SAFE_INTEGER : 2 ** 31 - 1;
  return Number.isInteger(value) && !Object.is(value, -0) && Math.abs(value) <= largest;
}

/** Spark 3.5 and newer, whatever its session's settings of zone, types and quotes are. */
export const spark: Dialect = {
  name: "spark",
  ident: (name) => {
    if (name.includes("${"))
      throw new OneCopyError(
        "engine.name_not_sayable",
        `Spark takes the name ${JSON.stringify(name)} for one of its variables.`,
        { remedy: "Give the column a name without ${." },
      );
    return `\`${name.replaceAll("`", "``")}\``;
  },
  // A session may read backslashes in two ways, and puts variables in place of ${…}: such texts are said by their bytes.
  text: (value) =>
    /^[^'\\$\p{Cc}]*$/u.test(value)
      ? literal(value)
      : `CAST(X'${Buffer.from(value, "utf8").toString("hex")}' AS STRING)`,
  isNaN: (x) => `isnan(${x})`,
  contains: (x, part) => `contains(${x}, ${part})`,
  startsWith: (x, start) => `startswith(${x}, ${start})`,
  today: dayOfMicros("unix_micros(current_timestamp())"),
  daysBefore: (day, days) => `date_sub(${day}, ${days})`,
  dayOf: (x, zoned) => (zoned ? dayOfMicros(`unix_micros(${x})`) : `CAST(${x} AS DATE)`),
  compareNumber: (x, columnType, value) => {
    const right = castNumber(value, columnType, "FLOAT");
    if (!isWholeNumber(columnType) || fits(value, columnType)) return { left: x, right };
    return { left: `(${x} - ${right})`, right: "0" };
  },
  compareMoment: (x, zoned, moment) => ({
    left: x,
    right: zoned ? `TIMESTAMP_LTZ ${literal(`${moment}Z`)}` : `TIMESTAMP_NTZ ${literal(moment)}`,
  }),
};
