import type { Session } from "../../engine/index.ts";
import type { Facts } from "../model/facts.ts";
import { type Marks, unpackMarks } from "../node/marks.ts";
import type { Nodes } from "../node/nodes.ts";
import { nodesOf } from "../people.ts";
import type { Sources } from "../sources.ts";
import { type StewardLink, type HeldLinks, findLinked } from "../steward/on-nodes.ts";
import { keyColumnNames, standardColumns } from "../standardise/standardise.ts";

/** Some of the records, as a resolution has all of them. */
export interface Staged {
  readonly links: HeldLinks;
  readonly nodes: Nodes;
  /** As the records have them. */
  readonly marks: Marks;
  /** By node: 1 where one of its records is of `identity_changed(no)`. */
  readonly changed: Uint8Array;
}

/**
 * Makes of a relation with the columns of `identity_records` that are not blocks what a resolution has of all records: `identity_raw`,
 * `identity_standard`, `identity_mailbox`, nodes; and `identity_numbered(r, no, marks)`. The records are numbered in the order in which
 * all are, so whatever goes by that order is the same.
 */
export async function stage(
  session: Session,
  rows: string,
  sources: Sources,
  facts: Facts,
  links: readonly StewardLink[],
): Promise<Staged> {
  const columns = [...standardColumns, ...keyColumnNames(sources.keySources.length)];
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_staged AS FROM ${rows};
    CREATE OR REPLACE TEMP TABLE identity_raw AS
    SELECT CAST(row_number() OVER (ORDER BY source, record_id) - 1 AS INTEGER) AS r, no, source, record_id
    FROM (SELECT no, source, record_id FROM identity_staged);
    CREATE OR REPLACE TEMP TABLE identity_numbered AS SELECT r, no, marks FROM identity_staged JOIN identity_raw USING (no);
    CREATE OR REPLACE TEMP TABLE identity_standard AS
    SELECT r, ${columns.join(", ")} FROM identity_staged JOIN identity_raw USING (no);
    ALTER TABLE identity_raw DROP no;
    CREATE OR REPLACE TEMP TABLE identity_mailbox AS
    SELECT DISTINCT local, mailbox_given AS given, mailbox_family AS family FROM identity_staged
    WHERE local IS NOT NULL AND coalesce(mailbox_given, mailbox_family) IS NOT NULL;
    DROP TABLE identity_staged`);
  const held = await findLinked(session, links);
  const nodes = await nodesOf(session, sources, facts);
  const found = await session.arrays(`
    SELECT coalesce(bit_or(marks), 0) AS marks, CAST(count(c.no) AS INTEGER) AS changed
    FROM identity_member JOIN identity_numbered n USING (r) LEFT JOIN identity_changed c USING (no) GROUP BY node ORDER BY node`);
  return {
    links: held,
    nodes,
    marks: unpackMarks(found["marks"] as Int32Array),
    changed: Uint8Array.from(found["changed"] as Int32Array, (count) => (count > 0 ? 1 : 0)),
  };
}
