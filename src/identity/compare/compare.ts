import type { Session } from "../../engine/index.ts";
import { addressAspect, companyAspect, placeAspect } from "./address.ts";
import { birthdateAspect } from "./birthdate.ts";
import type { Aspect, Comparison } from "./comparison.ts";
import { emailAspect, nationalIdAspect, phoneAspect } from "./contact.ts";
import { keyAspect } from "./key.ts";
import { genderAspect, nameAspect, suffixAspect } from "./name.ts";

/** The comparisons that this data has values for; column `c<i>` holds the level of `comparisons[i]`. */
export interface ComparisonPlan {
  readonly aspects: readonly Aspect[];
  readonly comparisons: readonly Comparison[];
}

/**
 * Makes `identity_value_<aspect>` (each distinct value once, with a number `v`) and `identity_node_value(node, v_<aspect> …)`, 0 where a
 * node has none.
 */
export async function prepareComparisons(session: Session, keyCount: number): Promise<ComparisonPlan> {
  for (const column of ["email", "phone"]) await session.run(usedBySeveral(column));
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_use_domain AS
    SELECT domain, count(DISTINCT email) >= 20 AS common FROM identity_node WHERE domain IS NOT NULL GROUP BY 1`);
  const all = [
    nameAspect,
    suffixAspect,
    genderAspect,
    birthdateAspect,
    emailAspect,
    phoneAspect,
    nationalIdAspect,
  ];
  all.push(addressAspect, placeAspect, companyAspect);
  if (keyCount > 0) all.push(keyAspect(keyCount));
  const aspects: Aspect[] = [];
  // Names are always compared, so that there is something to compare by in records that say nothing at all.
  for (const aspect of all)
    if ((await numberValues(session, aspect)) || aspect === nameAspect) aspects.push(aspect);
  const joins = aspects.map((aspect) => {
    const same = aspect.columns.map((column) => `${aspect.name}.${column} IS NOT DISTINCT FROM n.${column}`);
    return `LEFT JOIN identity_value_${aspect.name} ${aspect.name} ON ${same.join(" AND ")}`;
  });
  const numbers = aspects.map((aspect) => `, coalesce(${aspect.name}.v, 0) AS v_${aspect.name}`);
  await session.run(
    `CREATE OR REPLACE TEMP TABLE identity_node_value AS
     SELECT n.node${numbers.join("")} FROM identity_node n ${joins.join(" ")} ORDER BY n.node`,
  );
  return { aspects, comparisons: aspects.flatMap((aspect) => aspect.comparisons) };
}

/**
 * Makes table `output(a, b, c0 …, rarity, household_rarity)` for the pairs of nodes in `pairs(a, b)`: the level of each comparison, and how much rarer (in bits) than
 * usual the values are that agree exactly; `household_rarity` is the part that a household would have in common as well.
 */
export async function comparePairs(
  session: Session,
  plan: ComparisonPlan,
  pairs: string,
  output: string,
): Promise<void> {
  const numbers = plan.aspects.map(
    ({ name }) =>
      `, least(x.v_${name}, y.v_${name}) AS l_${name}, greatest(x.v_${name}, y.v_${name}) AS r_${name}`,
  );
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_pair_value AS
    SELECT a, b${numbers.join("")} FROM ${pairs}
    JOIN identity_node_value x ON x.node = a JOIN identity_node_value y ON y.node = b`);
  for (const aspect of plan.aspects) await session.run(levelsOf(aspect));
  const columns = plan.aspects.flatMap((aspect) =>
    aspect.comparisons.map((c) => `coalesce(${aspect.name}.${c.name}, 0)`),
  );
  const joins = plan.aspects.map(
    ({ name }) =>
      `LEFT JOIN identity_level_${name} ${name} ON ${name}.l = l_${name} AND ${name}.r = r_${name}`,
  );
  const rarity = (column: string): string =>
    plan.aspects.map(({ name }) => `coalesce(${name}.${column}, 0)`).join(" + ");
  await session.run(`CREATE OR REPLACE TEMP TABLE ${output} AS
    SELECT a, b, ${columns.map((level, i) => `CAST(${level} AS TINYINT) AS c${i}`).join(", ")},
      ${rarity("rarity")} AS rarity, ${rarity("household_rarity")} AS household_rarity
    FROM identity_pair_value ${joins.join(" ")};
    DROP TABLE identity_pair_value`);
}

async function numberValues(session: Session, aspect: Aspect): Promise<boolean> {
  const rarity = aspect.comparisons.flatMap((c) => (c.rarity === undefined ? [] : [c.rarity.column]));
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_value_${aspect.name} AS
    WITH v AS (SELECT ${aspect.columns.join(", ")}, CAST(row_number() OVER (ORDER BY min(node)) AS INTEGER) AS v
               FROM identity_node WHERE coalesce(${aspect.present.join(", ")}) IS NOT NULL GROUP BY ${aspect.columns.join(", ")})
    ${rarity.map((column) => `, f_${column} AS (${frequencies(column)})`).join("")}
    SELECT v.*${aspect.derived === undefined ? "" : `, ${aspect.derived.select}`}
      ${rarity.map((column) => `, f_${column}.rarity AS rarity_${column}`).join("")}
    FROM v ${aspect.derived?.join ?? ""}
    ${rarity.map((column) => `LEFT JOIN f_${column} ON f_${column}.value = v.${column}`).join(" ")}`);
  const [count] = await session.rows<{ n: number }>(
    `SELECT count(*) AS n FROM identity_value_${aspect.name}`,
  );
  return count!.n > 0;
}

/** log2 of (chance that two values agree) / (share of this value); whole numbers are summed, so threads change nothing. */
function frequencies(column: string): string {
  return `SELECT value, log2(agreeing / (total * n)) AS rarity
    FROM (SELECT value, CAST(n AS DOUBLE) AS n, CAST(sum(n * n) OVER () AS DOUBLE) AS agreeing, CAST(sum(n) OVER () AS DOUBLE) AS total
          FROM (SELECT ${column} AS value, count(*) AS n FROM identity_node WHERE ${column} IS NOT NULL GROUP BY 1))`;
}

function levelsOf(aspect: Aspect): string {
  const levels = aspect.comparisons.map((c) => {
    const cases = c.levels.map((level, i) => `WHEN ${level.when} THEN ${i + 1}`);
    return `CASE WHEN ${c.missing} THEN 0 ${cases.join(" ")} END AS ${c.name}`;
  });
  const rarity = (which: (c: Comparison) => boolean): string =>
    aspect.comparisons
      .flatMap((c) => {
        if (c.rarity === undefined || !which(c)) return [];
        const { column, levels } = c.rarity;
        const numbers = c.levels.flatMap(({ name }, i) => (levels.includes(name) ? [i + 1] : []));
        return [
          `CASE WHEN ${c.name} IN (${numbers.join(", ")}) THEN coalesce(rarity_${column}, 0) ELSE 0 END`,
        ];
      })
      .join(" + ") || "0";
  const carried = aspect.comparisons.flatMap((c) =>
    c.rarity === undefined ? [] : [`, l.rarity_${c.rarity.column}`],
  );
  return `CREATE OR REPLACE TEMP TABLE identity_level_${aspect.name} AS
    SELECT *, CAST(${rarity(() => true)} AS DOUBLE) AS rarity,
      CAST(${rarity((c) => c.ofHousehold)} AS DOUBLE) AS household_rarity
    FROM (SELECT d.lv AS l, d.rv AS r, ${levels.join(", ")}${carried.join("")}
      FROM (SELECT DISTINCT l_${aspect.name} AS lv, r_${aspect.name} AS rv FROM identity_pair_value WHERE l_${aspect.name} > 0) d
      JOIN identity_value_${aspect.name} l ON l.v = d.lv JOIN identity_value_${aspect.name} r ON r.v = d.rv)`;
}

/** A value is of several people when the given names seen with it do not begin alike, nicknames put aside. */
function usedBySeveral(column: string): string {
  return `CREATE OR REPLACE TEMP TABLE identity_use_${column} AS
    SELECT ${column} AS value, count(DISTINCT left(given_root, 1)) > 1 AS several
    FROM identity_node WHERE ${column} IS NOT NULL GROUP BY 1`;
}
