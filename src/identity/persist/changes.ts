/**
 * The columns of `identity.changes`, in order, with their SQL types. `number` is the same in what happened at once, and
 * higher in what happened later; `version` is the one of `identity.assignments` after it.
 */
export const changeColumns = [
  { name: "number", type: "BIGINT" },
  { name: "version", type: "BIGINT" },
  { name: "changed_at", type: "TIMESTAMP WITH TIME ZONE" },
  { name: "event", type: "VARCHAR" },
  { name: "from_profile_id", type: "VARCHAR" },
  { name: "to_profile_id", type: "VARCHAR" },
  { name: "source", type: "VARCHAR" },
  { name: "record_id", type: "VARCHAR" },
] as const;

/**
 * A query for what happened between two relations as `identity.assignments` has them:
 * (event, from_profile_id, to_profile_id, source, record_id), one row an event, in an order of its own.
 *
 * - `created`: the profile `to` is new.
 * - `merged`: `from` ended, and most of its records that are left are in `to` now.
 * - `split`: records of `from` are in `to` now, which is neither `from` nor what it was merged into.
 * - `retired`: `from` ended; `to` is where most of its records are now, null when none is left.
 * - `moved`: the record of `source` and `record_id` went from one profile to the other; from null: it is new; to null: it is gone.
 */
export function changeEvents(before: string, after: string): string {
  return `WITH record AS MATERIALIZED (
      SELECT source, record_id, b.profile_id AS from_id, a.profile_id AS to_id
      FROM (SELECT source, record_id, profile_id FROM ${before}) b
      FULL JOIN (SELECT source, record_id, profile_id FROM ${after}) a USING (source, record_id)),
    moved AS MATERIALIZED (FROM record WHERE from_id IS DISTINCT FROM to_id),
    touched AS (SELECT from_id AS id FROM moved UNION SELECT to_id FROM moved),
    was AS MATERIALIZED (SELECT DISTINCT from_id AS id FROM record SEMI JOIN touched ON id = from_id),
    lives AS MATERIALIZED (SELECT DISTINCT to_id AS id FROM record SEMI JOIN touched ON id = to_id),
    ended AS MATERIALIZED (SELECT id FROM was ANTI JOIN lives USING (id)),
    flow AS MATERIALIZED (SELECT from_id, to_id, count(*) AS n FROM moved
             WHERE from_id IS NOT NULL AND to_id IS NOT NULL GROUP BY ALL),
    successor AS MATERIALIZED (SELECT e.id AS from_id, f.to_id FROM ended e
                  LEFT JOIN (SELECT from_id, first(to_id ORDER BY n DESC, to_id) AS to_id FROM flow GROUP BY 1) f ON f.from_id = e.id)
    SELECT event, from_profile_id, to_profile_id, source, record_id FROM (
      SELECT 1 AS place, 'created' AS event, CAST(NULL AS VARCHAR) AS from_profile_id, id AS to_profile_id,
        CAST(NULL AS VARCHAR) AS source, CAST(NULL AS VARCHAR) AS record_id FROM lives ANTI JOIN was USING (id)
      UNION ALL SELECT 2, 'merged', from_id, to_id, NULL, NULL FROM successor WHERE to_id IS NOT NULL
      UNION ALL SELECT 3, 'split', from_id, to_id, NULL, NULL FROM flow ANTI JOIN successor USING (from_id, to_id)
      UNION ALL SELECT 4, 'retired', from_id, to_id, NULL, NULL FROM successor
      UNION ALL SELECT 5, 'moved', from_id, to_id, source, record_id FROM moved)
    ORDER BY place, source, record_id, from_profile_id, to_profile_id`;
}

/** The query for (source, record_id, profile_id) as they are after all events of a relation as `identity.changes` has it. */
export function replayChanges(changes: string): string {
  return `SELECT source, record_id, profile_id FROM (
      SELECT source, record_id, arg_max_null(to_profile_id, number) AS profile_id FROM ${changes}
      WHERE event = 'moved' GROUP BY source, record_id) WHERE profile_id IS NOT NULL`;
}

/** The query for every profile_id that a relation as `identity.changes` has it saw. */
export function idsEverGiven(changes: string): string {
  return `SELECT to_profile_id AS profile_id FROM ${changes} WHERE event = 'created'`;
}
