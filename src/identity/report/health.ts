import type { Session } from "../../engine/index.ts";

/** A figure that needs no labels: what people hardly ever are, counted. */
export interface HealthCheck {
  readonly name: string;
  readonly found: number;
  readonly of: number;
  /** `found / of`, 0…1; 0 of nothing. */
  readonly share: number;
  /** 0…1. */
  readonly limit: number;
  readonly passes: boolean;
  /** Where the limit comes from, and what to think of a figure above it. */
  readonly source: string;
}

interface Check {
  readonly name: string;
  readonly limit: number;
  readonly source: string;
  /** Makes (found, of) from `profile` or `mailbox` or `member`. */
  readonly sql: string;
}

const own = "OneCopy's own limit";

const checks: readonly Check[] = [
  {
    name: "profiles with more than 3 given names",
    limit: 0.00011,
    source:
      "the target that OneCopy's identity resolution was specified with (0.011% of ids); nicknames, initials and names with one beginning count once",
    sql: "SELECT count(*) FILTER (given_names > 3) AS found, count(*) AS of FROM profile",
  },
  {
    name: "profiles with more than 3 surnames",
    limit: 0.0005,
    source: `${own}: a maiden name, a married one and a spelling are three`,
    sql: "SELECT count(*) FILTER (surnames > 3) AS found, count(*) AS of FROM profile",
  },
  {
    name: "profiles with more than 2 birth dates",
    limit: 0.001,
    source: `${own}: a date and a typing error are two; more are several people`,
    sql: "SELECT count(*) FILTER (births > 2) AS found, count(*) FILTER (births > 0) AS of FROM profile",
  },
  {
    name: "records in profiles of more than 100",
    limit: 0.001,
    source: `${own}: what so many records share is a shop's or a test's value more often than a person`,
    sql: "SELECT coalesce(sum(records) FILTER (records > 100), 0) AS found, coalesce(sum(records), 0) AS of FROM profile",
  },
  {
    name: "e-mails of one name that stand in several profiles",
    limit: 0.005,
    source: `${own}: one address under one name is one person, so these are people who were not put together`,
    sql: "SELECT count(*) FILTER (profiles > 1) AS found, count(*) AS of FROM mailbox WHERE records > 1 AND names = 1",
  },
];

/** Reads `identity_standard` and `identity_raw`, and a relation as `identity.assignments` has it. */
export async function healthChecks(session: Session, assignments: string): Promise<HealthCheck[]> {
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_health AS
    SELECT profile_id, CASE WHEN len(given) > 1 THEN left(given_root, 3) END AS given, left(family, 3) AS family, s.email,
      CASE WHEN birth NOT LIKE '%-00' AND birth NOT LIKE '0000%' THEN birth END AS birth
    FROM identity_standard s JOIN identity_raw USING (r)
    JOIN (SELECT source, record_id, profile_id FROM ${assignments}) a USING (source, record_id)`);
  const found: HealthCheck[] = [];
  for (const { name, limit, source, sql } of checks) {
    const [row] = await session.rows<{ found: number; of: number }>(`
      WITH profile AS (
        SELECT profile_id, count(*) AS records, count(DISTINCT given) AS given_names, count(DISTINCT family) AS surnames,
          count(DISTINCT birth) AS births FROM identity_health GROUP BY 1),
      mailbox AS (
        SELECT email, count(*) AS records, count(DISTINCT profile_id) AS profiles,
          count(DISTINCT coalesce(given, '') || ' ' || coalesce(family, '')) AS names
        FROM identity_health WHERE email IS NOT NULL GROUP BY 1)
      ${sql}`);
    const [hits, of] = [Number(row!.found), Number(row!.of)];
    const share = of === 0 ? 0 : hits / of;
    found.push({ name, found: hits, of, share, limit, passes: share <= limit, source });
  }
  await session.run("DROP TABLE identity_health");
  return found;
}
