import type { Session } from "../../engine/index.ts";
import { keyPlaces } from "../cluster/constraints.ts";
import { loadLinks, type StewardLink } from "../steward/on-nodes.ts";
import { sharesValue } from "./neighbours.ts";

/**
 * Makes `identity_touched_component(component)`, of `records`: those of the records of `identity_met(node)` in this session's nodes, of what
 * changed before and after, of those that share a trusted key with it, and of those that a steward linked to it or kept apart from it.
 */
export async function findTouched(
  session: Session,
  records: string,
  trustedColumns: readonly string[],
  links: readonly StewardLink[],
): Promise<void> {
  await loadLinks(session, links);
  const trusted =
    trustedColumns.length === 0
      ? ""
      : `UNION SELECT component FROM ${records} WHERE ${sharesValue(trustedColumns, (name) => `SELECT ${name} FROM identity_changed_block WHERE ${name} IS NOT NULL`)}`;
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_met_record AS
    SELECT no FROM identity_met JOIN identity_member USING (node) JOIN identity_numbered USING (r)
    UNION FROM identity_left UNION FROM identity_changed;
    CREATE OR REPLACE TEMP TABLE identity_told_other AS
    SELECT rs AS source, ri AS record_id FROM identity_told SEMI JOIN identity_changed_block ON source = ls AND record_id = li
    UNION SELECT ls, li FROM identity_told SEMI JOIN identity_changed_block ON source = rs AND record_id = ri;
    CREATE OR REPLACE TEMP TABLE identity_touched_component AS
    SELECT component FROM ${records} SEMI JOIN identity_met_record USING (no)
    UNION SELECT component FROM ${records} SEMI JOIN identity_told_other USING (source, record_id)
    ${trusted};
    DROP TABLE identity_met_record; DROP TABLE identity_told_other`);
}

/** The columns of `identity_records` that keys by their names in the configuration are in. */
export function columnsOfKeys(names: readonly string[], keySources: readonly string[]): string[] {
  return keyPlaces(keySources, names).map((place) => (typeof place === "number" ? `key_${place}` : place));
}
