import { type Aspect, withinEdits } from "./comparison.ts";

const year = (side: string): string => `left(${side}.birth, 4)`;
const month = (side: string): string => `substr(${side}.birth, 6, 2)`;
const day = (side: string): string => `right(${side}.birth, 2)`;
const same = (part: (side: string) => string): string => `${part("l")} = ${part("r")}`;
const known = "l.birth NOT LIKE '%-00' AND r.birth NOT LIKE '%-00'";

export const birthdateAspect: Aspect = {
  name: "birthdate",
  columns: ["birth"],
  present: ["birth"],
  derived: { select: "try_cast(v.birth AS DATE) AS date", join: "" },
  comparisons: [
    {
      name: "birthdate",
      missing: "l.birth IS NULL OR r.birth IS NULL",
      ofHousehold: false,
      levels: [
        { name: "exact", prior: 0.8, when: `l.birth = r.birth AND ${known}` },
        {
          name: "typing error",
          prior: 0.09,
          when: `${known} AND (${withinEdits("l.birth", "r.birth", 1)}
            OR (${same(year)} AND ${month("l")} = ${day("r")} AND ${day("l")} = ${month("r")}))`,
        },
        {
          name: "as far as known",
          prior: 0.02,
          when: `NOT (${known}) AND ${same(year)} AND ('00' IN (${month("l")}, ${month("r")}) OR ${same(month)})`,
        },
        {
          name: "two parts of three",
          prior: 0.04,
          when: `${known} AND ((${same(year)} AND ${same(month)}) OR (${same(year)} AND ${same(day)}) OR (${same(month)} AND ${same(day)})
            OR ${withinEdits("l.birth", "r.birth", 2)})`,
        },
        { name: "within a month", prior: 0.01, when: "abs(date_diff('day', l.date, r.date)) <= 31" },
        {
          name: "within a year",
          prior: 0.01,
          when: `abs(date_diff('day', l.date, r.date)) <= 366 OR ${same(year)}`,
        },
        { name: "different", prior: 0.03, when: "true" },
      ],
    },
  ],
};
