import type { Session } from "../../engine/index.ts";
import type { PreviousHouseholds } from "../persist/stable-id.ts";
import {
  type HouseholdTables,
  householdEvidence,
  householdValues,
  mostProfilesOfValue,
  resolveHouseholds,
} from "./households.ts";

/**
 * As {@link resolveHouseholds}, after an increment: of the records as `identity_records` has them and their assignments before it, with what
 * it touched in their place. Only profiles that hang together with what was touched are resolved again, by components of records, of which a
 * profile is a part: components that share a value which can make a household with a touched one, before or after, with these, and so on.
 */
export async function resolveHouseholdsOf(
  session: Session,
  before: { readonly records: string; readonly assignments: string },
  previous: PreviousHouseholds,
  now: Date,
): Promise<HouseholdTables> {
  await findConcerned(session, before.records);
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_household_node AS
    SELECT no AS node, profile_id, ${householdEvidence}, false AS touched
    FROM (SELECT no, source, record_id, ${householdEvidence} FROM ${before.records} SEMI JOIN identity_household_component USING (component)) JOIN ${before.assignments} USING (source, record_id)
    UNION ALL SELECT no, profile_id, ${householdEvidence}, true FROM identity_records JOIN identity_assignments USING (source, record_id);
    CREATE OR REPLACE TEMP TABLE identity_household_before AS
    SELECT profile_id FROM identity_household_node WHERE NOT touched UNION SELECT profile_id FROM identity_before;
    CREATE OR REPLACE TEMP TABLE identity_profile AS SELECT min(node) AS cluster, profile_id FROM identity_household_node GROUP BY profile_id;
    CREATE OR REPLACE TEMP TABLE identity_cluster AS SELECT node, cluster FROM identity_household_node JOIN identity_profile USING (profile_id)`);
  const { households } = previous;
  const tables = await resolveHouseholds(
    session,
    {
      ...previous,
      households: `(FROM ${households} SEMI JOIN identity_household_before USING (profile_id))`,
    },
    now,
    { nodes: "identity_household_node", crowded: "identity_household_crowded", given: households },
  );
  await session.run(`
    INSERT INTO ${tables.households} SELECT profile_id, household_id, first_seen FROM ${households} ANTI JOIN identity_household_before USING (profile_id);
    DROP TABLE identity_household_before; DROP TABLE identity_household_component; DROP TABLE identity_household_crowded`);
  return tables;
}

/**
 * Makes `identity_household_component(component)`: components of `records` that were not touched and hang together with those that were;
 * and `identity_household_crowded(kind, value)`: of their values those that make no household, since too many have them.
 */
async function findConcerned(session: Session, records: string): Promise<void> {
  const values = householdValues.map((value, kind) => `${value} AS value_${kind}`).join(", ");
  const listed = (rows: string): string =>
    `SELECT DISTINCT * FROM (${householdValues.map((_, kind) => `SELECT ${kind} AS kind, value_${kind} AS value FROM ${rows}`).join(" UNION ALL ")}) WHERE value IS NOT NULL`;
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_household_code AS SELECT no, component, ${values} FROM ${records};
    CREATE OR REPLACE TEMP TABLE identity_household_frontier AS
    WITH was AS (FROM identity_household_code SEMI JOIN identity_before USING (no)), became AS (SELECT ${values} FROM identity_records)
    ${listed("was")} UNION ${listed("became")};
    DELETE FROM identity_household_code WHERE component IN (SELECT component FROM identity_before);
    CREATE OR REPLACE TEMP TABLE identity_household_component (component INTEGER);
    CREATE OR REPLACE TEMP TABLE identity_household_crowded (kind INTEGER, value UBIGINT);
    CREATE OR REPLACE TEMP TABLE identity_household_seen AS FROM identity_household_frontier`);
  const holders = householdValues
    .map(
      (_, kind) =>
        `SELECT kind, value, component FROM identity_household_code JOIN identity_household_frontier ON kind = ${kind} AND value = value_${kind}`,
    )
    .join(" UNION ");
  for (let fresh = 1; fresh > 0;) {
    await session.run(`
      CREATE OR REPLACE TEMP TABLE identity_household_holder AS ${holders};
      INSERT INTO identity_household_crowded SELECT kind, value FROM identity_household_holder GROUP BY ALL HAVING count(*) > ${mostProfilesOfValue};
      CREATE OR REPLACE TEMP TABLE identity_household_fresh AS
      SELECT DISTINCT component FROM identity_household_holder ANTI JOIN identity_household_crowded USING (kind, value) ANTI JOIN identity_household_component USING (component);
      INSERT INTO identity_household_component FROM identity_household_fresh;
      CREATE OR REPLACE TEMP TABLE identity_household_frontier AS
      WITH came AS (FROM identity_household_code SEMI JOIN identity_household_fresh USING (component))
      SELECT * FROM (${listed("came")}) ANTI JOIN identity_household_seen USING (kind, value);
      INSERT INTO identity_household_seen FROM identity_household_frontier`);
    const [counted] = await session.rows<{ n: number }>(
      "SELECT count(*) AS n FROM identity_household_frontier",
    );
    fresh = Number(counted!.n);
  }
  await session.run(`DROP TABLE identity_household_code; DROP TABLE identity_household_frontier; DROP TABLE identity_household_holder;
    DROP TABLE identity_household_fresh; DROP TABLE identity_household_seen`);
}
