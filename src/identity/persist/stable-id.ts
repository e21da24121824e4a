import { literal, type Session } from "../../engine/index.ts";
import { numberColumn, textColumn } from "../literal-column.ts";

/** What an earlier run left: relations as `identity.assignments` and `identity.retired` have them. */
export interface Previous {
  readonly assignments: string;
  readonly retired: string;
  /** Ids that were given besides, as a relation with `profile_id`: of versions that are there no more. */
  readonly given?: string;
}

/** The same of households: relations as `identity.households` and `identity.retired_households` have them. */
export interface PreviousHouseholds {
  readonly households: string;
  readonly retiredHouseholds: string;
}

/** What gets ids: records that became profiles, profiles that became households. */
interface Membership {
  /** A query for the key columns, `cluster` INTEGER and `place`, which orders the result. */
  readonly members: string;
  readonly keys: readonly string[];
  /** The column of the id. */
  readonly id: string;
  /** Part of what an id is hashed from. */
  readonly kind: "profile" | "household";
  /** Relations (keys, id, first_seen) and (id, successor), and ids that were given besides. */
  readonly previous:
    | { readonly assignments: string; readonly retired: string; readonly given?: string }
    | undefined;
  /** Tables to make: (keys, id, first_seen) and (id, successor). */
  readonly assignments: string;
  readonly retired: string;
  /** Another one, if wanted: (cluster, id). */
  readonly taken?: string;
}

interface Overlap {
  readonly cluster: number;
  readonly id: string;
}

/**
 * Makes `identity_assignments(source, record_id, profile_id, first_seen)`, `identity_retired(profile_id, successor)` and
 * `identity_profile(cluster, profile_id)` from `identity_member` and `identity_cluster`, as {@link giveStableIds} does.
 */
export async function giveIds(session: Session, previous: Previous | undefined, now: Date): Promise<void> {
  await giveStableIds(session, now, {
    members: `SELECT source, record_id, cluster, r AS place
      FROM identity_raw JOIN identity_member USING (r) JOIN identity_cluster USING (node)`,
    keys: ["source", "record_id"],
    id: "profile_id",
    kind: "profile",
    previous,
    assignments: "identity_assignments",
    retired: "identity_retired",
    taken: "identity_profile",
  });
}

/**
 * Each cluster takes the old id with which it shares most members; ties go to the older id; an old id goes to one
 * cluster only. Ids that nobody took over are retired: their successor is the id that most of their members have
 * now (null when none of their members is left), for ever, and they are never given again. New ids are
 * numbered on from all that were ever given, and hashed: so the same history gives the same ids, and an id says nothing of its person.
 */
export async function giveStableIds(session: Session, now: Date, of: Membership): Promise<void> {
  const keys = of.keys.join(", ");
  const { previous, id } = of;
  const given = previous?.given === undefined ? "" : `UNION SELECT ${id} FROM ${previous.given}`;
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_now AS ${of.members};
    CREATE OR REPLACE TEMP TABLE identity_previous AS ${
      previous === undefined
        ? `SELECT ${keys}, '' AS id, CAST(NULL AS TIMESTAMPTZ) AS first_seen FROM identity_now WHERE false`
        : `SELECT ${keys}, ${id} AS id, CAST(first_seen AS TIMESTAMPTZ) AS first_seen FROM ${previous.assignments}`
    };
    CREATE OR REPLACE TEMP TABLE identity_was_retired AS ${
      previous === undefined
        ? "SELECT '' AS id, CAST(NULL AS VARCHAR) AS successor WHERE false"
        : `SELECT ${id} AS id, successor FROM ${previous.retired}`
    };
    CREATE OR REPLACE TEMP TABLE identity_known AS
    SELECT id FROM identity_previous UNION SELECT id FROM identity_was_retired ${given};
    CREATE OR REPLACE TEMP TABLE identity_overlap AS
    SELECT cluster, p.id, count(*) AS shared, min(p.first_seen) AS first_seen
    FROM identity_now JOIN identity_previous p USING (${keys}) GROUP BY ALL`);
  await takeOver(session);
  await numberNew(session, of.kind);
  if (of.taken !== undefined)
    await session.run(
      `CREATE OR REPLACE TEMP TABLE ${of.taken} AS SELECT cluster, id AS ${id} FROM identity_taken`,
    );
  await session.run(`
    CREATE OR REPLACE TEMP TABLE ${of.assignments} AS
    SELECT ${of.keys.map((key) => `n.${key}`).join(", ")}, t.id AS ${id},
      coalesce(f.first_seen, CAST(${literal(now.toISOString())} AS TIMESTAMPTZ)) AS first_seen
    FROM identity_now n JOIN identity_taken t USING (cluster)
    LEFT JOIN (SELECT id, min(first_seen) AS first_seen FROM identity_previous GROUP BY 1) f USING (id)
    ORDER BY n.place;
    CREATE OR REPLACE TEMP TABLE ${of.retired} AS
    WITH ended AS (SELECT DISTINCT id FROM identity_previous ANTI JOIN identity_taken USING (id)),
    successor AS (
      SELECT o.id, first(t.id ORDER BY o.shared DESC, t.id) AS successor
      FROM identity_overlap o JOIN identity_taken t USING (cluster) GROUP BY 1)
    SELECT e.id AS ${id}, s.successor FROM ended e LEFT JOIN successor s USING (id)
    UNION ALL
    SELECT w.id, CASE WHEN e.id IS NOT NULL THEN s.successor ELSE w.successor END
    FROM (FROM identity_was_retired ANTI JOIN identity_previous USING (id)) w
    LEFT JOIN ended e ON e.id = w.successor LEFT JOIN successor s ON s.id = w.successor
    ORDER BY 1;
    DROP TABLE identity_previous; DROP TABLE identity_was_retired; DROP TABLE identity_now; DROP TABLE identity_overlap;
    DROP TABLE identity_taken; DROP TABLE identity_known`);
}

/** Makes `identity_taken(cluster, id)`. Clear cases are settled in SQL; those that share an id one after the other. */
async function takeOver(session: Session): Promise<void> {
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_taken AS
    SELECT cluster, id FROM identity_overlap
    QUALIFY count(*) OVER (PARTITION BY cluster) = 1 AND count(*) OVER (PARTITION BY id) = 1`);
  const contested = await session.rows<Overlap>(`
    SELECT cluster, id FROM identity_overlap
    QUALIFY NOT (count(*) OVER (PARTITION BY cluster) = 1 AND count(*) OVER (PARTITION BY id) = 1)
    ORDER BY shared DESC, first_seen, id, cluster`);
  const [clusters, ids] = [new Set<number>(), new Set<string>()];
  const taken = contested.filter(({ cluster, id }) => {
    if (clusters.has(cluster) || ids.has(id)) return false;
    clusters.add(cluster);
    ids.add(id);
    return true;
  });
  if (taken.length === 0) return;
  await session.run(`INSERT INTO identity_taken
    SELECT ${numberColumn(taken.map((row) => row.cluster))}, ${textColumn(taken.map((row) => row.id))}`);
}

/** Gives the clusters that took over nothing the next ids that were never given, in the order of the clusters. */
async function numberNew(session: Session, kind: Membership["kind"]): Promise<void> {
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_fresh AS
    SELECT cluster, row_number() OVER (ORDER BY cluster) AS place
    FROM (SELECT DISTINCT cluster FROM identity_now ANTI JOIN identity_taken USING (cluster))`);
  const [counted] = await session.rows<{ known: number; fresh: number }>(
    "SELECT (SELECT count(*) FROM identity_known) AS known, (SELECT count(*) FROM identity_fresh) AS fresh",
  );
  const known = Number(counted!.known);
  const fresh = Number(counted!.fresh);
  // Of known + fresh ids one after the other, no more than `known` can have been given.
  for (let spare = Math.min(known, 1000); fresh > 0; spare = Math.min(known, spare * 10)) {
    await session.run(`CREATE OR REPLACE TEMP TABLE identity_new_id AS
      SELECT id, row_number() OVER (ORDER BY n) AS place
      FROM (SELECT n, ${hashedId(kind, "n")} AS id FROM range(${known}, ${known + fresh + spare}) t(n))
      ANTI JOIN identity_known USING (id)`);
    const [found] = await session.rows<{ n: number }>("SELECT count(*) AS n FROM identity_new_id");
    if (Number(found!.n) < fresh && spare < known) continue;
    await session.run(`INSERT INTO identity_taken SELECT cluster, id FROM identity_fresh JOIN identity_new_id USING (place);
      DROP TABLE identity_new_id`);
    break;
  }
  await session.run("DROP TABLE identity_fresh");
}

/** SQL for a UUID of version 8 (RFC 9562 §5.8) made from a number. */
function hashedId(kind: Membership["kind"], ordinal: string): string {
  const hex = `sha256('onecopy ${kind} ' || ${ordinal})`;
  const part = (from: number, length: number): string => `substr(hex, ${from}, ${length})`;
  const variant = `translate(${part(17, 1)}, '0123456789abcdef', '89ab89ab89ab89ab')`;
  return `(SELECT ${part(1, 8)} || '-' || ${part(9, 4)} || '-8' || ${part(14, 3)} || '-' || ${variant} || ${part(18, 3)} || '-' || ${part(21, 12)}
    FROM (SELECT ${hex} AS hex))`;
}
