import { createHash } from "node:crypto";
import { literal, type Session } from "../../engine/index.ts";
import { numberColumn, textColumn } from "../literal-column.ts";

/** What an earlier run left: relations as `identity.assignments` and `identity.retired` have them. */
export interface Previous {
  readonly assignments: string;
  readonly retired: string;
}

interface Overlap {
  readonly cluster: number;
  readonly profile_id: string;
}

/**
 * Makes `identity_assignments(source, record_id, profile_id, first_seen)` and `identity_retired(profile_id, successor)`
 * from `identity_member` and `identity_cluster`.
 *
 * Each cluster takes the old id with which it shares most records; ties go to the older id; an old id goes to one
 * cluster only. Ids that nobody took over are retired: their successor is the id that most of their records have
 * now (null when none of their records is left), for ever, and they are never given again. New ids are
 * numbered on from all that were ever given, and hashed: so the same history gives the same ids, and an id says nothing of its person.
 */
export async function giveIds(session: Session, previous: Previous | undefined, now: Date): Promise<void> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_previous AS ${
      previous === undefined
        ? "SELECT '' AS source, '' AS record_id, '' AS profile_id, CAST(NULL AS TIMESTAMPTZ) AS first_seen WHERE false"
        : `SELECT source, record_id, profile_id, CAST(first_seen AS TIMESTAMPTZ) AS first_seen FROM ${previous.assignments}`
    };
    CREATE OR REPLACE TEMP TABLE identity_was_retired AS ${
      previous === undefined
        ? "SELECT '' AS profile_id, CAST(NULL AS VARCHAR) AS successor WHERE false"
        : `SELECT profile_id, successor FROM ${previous.retired}`
    };
    CREATE OR REPLACE TEMP TABLE identity_now AS
    SELECT r, source, record_id, cluster FROM identity_raw JOIN identity_member USING (r) JOIN identity_cluster USING (node);
    CREATE OR REPLACE TEMP TABLE identity_overlap AS
    SELECT cluster, p.profile_id, count(*) AS shared, min(p.first_seen) AS first_seen
    FROM identity_now JOIN identity_previous p USING (source, record_id) GROUP BY ALL`);
  await takeOver(session);
  await numberNew(session);
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_assignments AS
    SELECT n.source, n.record_id, t.profile_id,
      coalesce(f.first_seen, CAST(${literal(now.toISOString())} AS TIMESTAMPTZ)) AS first_seen
    FROM identity_now n JOIN identity_taken t USING (cluster)
    LEFT JOIN (SELECT profile_id, min(first_seen) AS first_seen FROM identity_previous GROUP BY 1) f USING (profile_id)
    ORDER BY n.r;
    CREATE OR REPLACE TEMP TABLE identity_retired AS
    WITH ended AS (SELECT DISTINCT profile_id FROM identity_previous ANTI JOIN identity_taken USING (profile_id)),
    successor AS (
      SELECT o.profile_id, first(t.profile_id ORDER BY o.shared DESC, t.profile_id) AS successor
      FROM identity_overlap o JOIN identity_taken t USING (cluster) GROUP BY 1)
    SELECT e.profile_id, s.successor FROM ended e LEFT JOIN successor s USING (profile_id)
    UNION ALL
    SELECT w.profile_id, CASE WHEN e.profile_id IS NOT NULL THEN s.successor ELSE w.successor END
    FROM identity_was_retired w LEFT JOIN ended e ON e.profile_id = w.successor LEFT JOIN successor s ON s.profile_id = w.successor
    ORDER BY 1;
    DROP TABLE identity_previous; DROP TABLE identity_was_retired; DROP TABLE identity_now; DROP TABLE identity_overlap;
    DROP TABLE identity_taken`);
}

/** Makes `identity_taken(cluster, profile_id)`. Clear cases are settled in SQL; those that share an id one after the other. */
async function takeOver(session: Session): Promise<void> {
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_taken AS
    SELECT cluster, profile_id FROM identity_overlap
    QUALIFY count(*) OVER (PARTITION BY cluster) = 1 AND count(*) OVER (PARTITION BY profile_id) = 1`);
  const contested = await session.rows<Overlap>(`
    SELECT cluster, profile_id FROM identity_overlap
    QUALIFY NOT (count(*) OVER (PARTITION BY cluster) = 1 AND count(*) OVER (PARTITION BY profile_id) = 1)
    ORDER BY shared DESC, first_seen, profile_id, cluster`);
  const [clusters, ids] = [new Set<number>(), new Set<string>()];
  const taken = contested.filter(({ cluster, profile_id }) => {
    if (clusters.has(cluster) || ids.has(profile_id)) return false;
    clusters.add(cluster);
    ids.add(profile_id);
    return true;
  });
  await insertTaken(session, taken);
}

async function numberNew(session: Session): Promise<void> {
  const known = new Set(
    (
      await session.rows<{ profile_id: string }>(
        "SELECT profile_id FROM identity_previous UNION SELECT profile_id FROM identity_was_retired",
      )
    ).map((row) => row.profile_id),
  );
  const fresh = await session.rows<{ cluster: number }>(
    "SELECT DISTINCT cluster FROM identity_now ANTI JOIN identity_taken USING (cluster) ORDER BY cluster",
  );
  let ordinal = known.size;
  const next = (): string => {
    for (;;) {
      const id = profileId(ordinal++);
      if (!known.has(id)) return id;
    }
  };
  await insertTaken(
    session,
    fresh.map(({ cluster }) => ({ cluster, profile_id: next() })),
  );
}

async function insertTaken(session: Session, taken: readonly Overlap[]): Promise<void> {
  if (taken.length === 0) return;
  await session.run(`INSERT INTO identity_taken
    SELECT ${numberColumn(
      taken.map((row) => row.cluster),
      "INTEGER",
    )}, ${textColumn(taken.map((row) => row.profile_id))}`);
}

/** A UUID of version 8 (RFC 9562 §5.8) made from a number. */
function profileId(ordinal: number): string {
  const hex = createHash("sha256").update(`onecopy profile ${ordinal}`).digest("hex");
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
