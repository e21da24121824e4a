import type { Session } from "../../engine/index.ts";

/**
 * How many people's names a value may be seen with before it identifies nobody (a shop's own e-mail, 555-0100, the head
 * office's street). The limits are those that Amperity documents for its customers' data.
 */
const kinds = [
  { kind: "email", value: "email", cleared: ["email", "local", "domain"], mostGivenNames: 20 },
  { kind: "phone", value: "phone", cleared: ["phone"], mostGivenNames: 20 },
  { kind: "national_id", value: "national_id", cleared: ["national_id"], mostGivenNames: 5 },
  {
    kind: "address",
    value: "number || ' ' || street || ' ' || coalesce(zip, town, '')",
    cleared: ["number", "street", "unit", "line2"],
    mostGivenNames: 40,
  },
] as const;

/**
 * Takes values that identify nobody out of `identity_standard`, and lists them in
 * `identity_shared_value(kind, value, records, given_names, surnames)`. Besides the limit on given names, a value that more than ten
 * families use is shared by them, and so is a birth date with far more names than an average one. `known`: a relation as that table,
 * of a model that is given.
 */
export async function dropSharedValues(session: Session, known?: string): Promise<void> {
  if (known === undefined) await findSharedValues(session);
  else await session.run(`CREATE OR REPLACE TEMP TABLE identity_shared_value AS FROM ${known}`);
  for (const { kind, value, cleared } of kinds)
    await session.run(
      `UPDATE identity_standard SET ${cleared.map((column) => `${column} = NULL`).join(", ")}
       WHERE ${value} IN (SELECT value FROM identity_shared_value WHERE kind = '${kind}')`,
    );
  await session.run(
    "UPDATE identity_standard SET birth = NULL WHERE birth IN (SELECT value FROM identity_shared_value WHERE kind = 'birthdate')",
  );
}

async function findSharedValues(session: Session): Promise<void> {
  const found = kinds.map(
    ({ kind, value, mostGivenNames }) => `
      SELECT '${kind}' AS kind, value, count(*) AS records, count(DISTINCT left(given, 3)) AS given_names,
        count(DISTINCT left(family, 3)) AS surnames
      FROM (SELECT given, family, ${value} AS value FROM identity_standard)
      SEMI JOIN (SELECT value FROM (SELECT ${value} AS value FROM identity_standard) GROUP BY value HAVING count(*) > ${Math.min(mostGivenNames, 10)}) USING (value)
      GROUP BY value
      HAVING given_names > ${mostGivenNames} OR (surnames > 10 AND 2 * surnames > sqrt(records) + 10)`,
  );
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_shared_value AS
    ${found.join(" UNION ALL ")}
    UNION ALL
    SELECT 'birthdate', birth, records, given_names, surnames FROM (
      SELECT birth, count(*) AS records, count(DISTINCT given) AS given_names, count(DISTINCT family) AS surnames,
        count(DISTINCT given || ' ' || family) AS names, avg(count(DISTINCT given || ' ' || family)) OVER () AS usual
      FROM identity_standard WHERE birth IS NOT NULL AND birth NOT LIKE '%-00' GROUP BY birth)
    WHERE names > 15 + 10 * usual
    ORDER BY ALL`);
}
