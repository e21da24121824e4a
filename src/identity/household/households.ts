import type { Session } from "../../engine/index.ts";
import { Components } from "../cluster/components.ts";
import { type PreviousHouseholds, giveStableIds } from "../persist/stable-id.ts";

/** A value that more profiles have is a company's, or a house with many flats: it makes no household. */
export const mostProfilesOfValue = 10;
/** A larger group hangs together by chance: there only an address with a surname counts. */
const largestHousehold = 12;

/** What of a record can make a household. */
export const householdEvidence = "family, number, street, unit, zip, town, email, phone";
/** SQL for the values of a record that it shares with others of its household: the surname at the address, the e-mail, the phone. */
export const householdValues: readonly string[] = [
  `CASE WHEN family IS NOT NULL AND number IS NOT NULL AND street IS NOT NULL AND coalesce(zip, town) IS NOT NULL
    THEN hash(family, number, street, coalesce(unit, ''), coalesce(zip, town)) END`,
  "CASE WHEN email IS NOT NULL THEN hash(email) END",
  "CASE WHEN phone IS NOT NULL THEN hash(phone) END",
];

/** Of a part of all profiles: its nodes, as `identity_node`, and what is true of the others. */
interface PartOfAll {
  readonly nodes: string;
  /** A relation (kind, value), of {@link householdValues}: too many have them, others counted. */
  readonly crowded: string;
  /** A relation with all `household_id` that were given and are in use. */
  readonly given: string;
}

/** Names of temporary tables, to be written to the lake. */
export interface HouseholdTables {
  /** (profile_id, household_id, first_seen): the profiles that share a household with another. */
  readonly households: string;
  /** (household_id, successor) */
  readonly retiredHouseholds: string;
}

/**
 * The second resolution, over the profiles that the last one of this session made: those with one surname at one
 * address are a household, and those that share an e-mail or a phone, unless both have addresses and none in one
 * place. Values that are shared by too many people took no part in the first resolution, and take none here. Ids are stable by the rule of the profiles'.
 */
export async function resolveHouseholds(
  session: Session,
  previous: PreviousHouseholds | undefined,
  now: Date,
  part?: PartOfAll,
): Promise<HouseholdTables> {
  await linkProfiles(session, part?.nodes ?? "identity_node", part?.crowded);
  const found = await session.arrays(
    "SELECT a, b, CAST(by_address AS INTEGER) AS by_address FROM identity_household_link ORDER BY ALL",
  );
  const { profile, household } = group(
    found["a"] as Int32Array,
    found["b"] as Int32Array,
    found["by_address"] as Int32Array,
  );
  await session.load("identity_household_cluster", { profile, household });
  await giveStableIds(session, now, {
    members: `SELECT profile_id, household AS cluster, profile AS place
      FROM identity_household_cluster JOIN identity_profile ON cluster = profile`,
    keys: ["profile_id"],
    id: "household_id",
    kind: "household",
    previous: previous && {
      // A profile that ended is counted where its records are now.
      assignments: `(SELECT coalesce(r.successor, h.profile_id) AS profile_id, household_id, min(first_seen) AS first_seen
        FROM ${previous.households} h LEFT JOIN identity_retired r USING (profile_id) GROUP BY ALL)`,
      retired: previous.retiredHouseholds,
      ...(part === undefined ? {} : { given: part.given }),
    },
    assignments: "identity_households",
    retired: "identity_retired_households",
  });
  await session.run("DROP TABLE identity_household_link; DROP TABLE identity_household_cluster");
  return { households: "identity_households", retiredHouseholds: "identity_retired_households" };
}

/** Makes `identity_household_link(a, b, by_address)`: pairs of clusters that have a value in common which makes a household. */
async function linkProfiles(session: Session, nodes: string, crowded: string | undefined): Promise<void> {
  const values = householdValues.map(
    (value, kind) => `SELECT ${kind} AS kind, ${value} AS value, cluster FROM node`,
  );
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_household_value AS
    WITH node AS (SELECT cluster, n.* FROM ${nodes} n JOIN identity_cluster USING (node)),
    value AS (SELECT * FROM (${values.join(" UNION ")}) WHERE value IS NOT NULL)
    SELECT * FROM value ${crowded === undefined ? "" : `ANTI JOIN ${crowded} USING (kind, value)`}
    QUALIFY count(*) OVER (PARTITION BY kind, value) BETWEEN 2 AND ${mostProfilesOfValue};
    CREATE OR REPLACE TEMP TABLE identity_household_place AS
    SELECT cluster, list(DISTINCT coalesce(zip, town)) FILTER (number IS NOT NULL OR street IS NOT NULL) AS places
    FROM ${nodes} JOIN identity_cluster USING (node)
    SEMI JOIN identity_household_value USING (cluster) GROUP BY cluster;
    CREATE OR REPLACE TEMP TABLE identity_household_link AS
    SELECT x.cluster AS a, y.cluster AS b, bool_or(x.kind = 0) AS by_address
    FROM identity_household_value x JOIN identity_household_value y
      ON x.kind = y.kind AND x.value = y.value AND x.cluster < y.cluster
    JOIN identity_household_place p ON p.cluster = x.cluster JOIN identity_household_place q ON q.cluster = y.cluster
    WHERE x.kind = 0 OR coalesce(len(list_filter(p.places, lambda one: one IS NOT NULL)), 0) = 0
      OR coalesce(len(list_filter(q.places, lambda one: one IS NOT NULL)), 0) = 0 OR list_has_any(p.places, q.places)
    GROUP BY ALL;
    DROP TABLE identity_household_value; DROP TABLE identity_household_place`);
}

/** The profiles of households of two and more, by their clusters; a household is named by its smallest. */
function group(
  a: Int32Array,
  b: Int32Array,
  byAddress: Int32Array,
): { readonly profile: Int32Array; readonly household: Int32Array } {
  const profile = Int32Array.from(new Set([...a, ...b])).sort();
  const place = new Map(Array.from(profile, (name, at) => [name, at] as const));
  const connect = (isWanted: (i: number) => boolean): Components => {
    const groups = new Components(profile.length);
    for (let i = 0; i < a.length; i++) if (isWanted(i)) groups.union(place.get(a[i]!)!, place.get(b[i]!)!);
    return groups;
  };
  const all = connect(() => true);
  const size = new Int32Array(profile.length);
  for (let at = 0; at < profile.length; at++) size[all.find(at)]!++;
  const isLarge = (at: number): boolean => size[all.find(at)]! > largestHousehold;
  const kept = connect((i) => byAddress[i] === 1 || !isLarge(place.get(a[i]!)!));
  const members = new Int32Array(profile.length);
  for (let at = 0; at < profile.length; at++) members[kept.find(at)]!++;
  const shared = Array.from(profile.keys()).filter((at) => members[kept.find(at)]! > 1);
  return {
    profile: Int32Array.from(shared, (at) => profile[at]!),
    household: Int32Array.from(shared, (at) => profile[kept.find(at)]!),
  };
}
