import { type Session, literal } from "../../engine/index.ts";
import type { RecordName } from "../explain/read-record.ts";
import { selectEvidence } from "./records.ts";

/** What changed, told by the records as sources have them. */
export interface ChangedNames {
  /** A relation (source, record_id): records that are there no more. */
  readonly gone: string;
  /** Records of which a steward told something, or took something back. */
  readonly told: readonly RecordName[];
}

/**
 * Of the standardised records of this session, all that are new or changed, makes
 * `identity_came(no, source, record_id, marks, evidence columns)`: those that say something else than in `records`, with their numbers
 * there or the next ones; `identity_left(no)`: rows of `records` that count no more; `identity_changed(no)`: records of which anything is
 * new; and `identity_new_mark(no, marks)`, empty.
 */
export async function takeChanges(
  session: Session,
  { gone, told }: ChangedNames,
  records: string,
  evidence: readonly string[],
): Promise<void> {
  const names = told.map((name) => `(${literal(name.source)}, ${literal(name.recordId)})`);
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_said AS
    SELECT w.source, w.record_id, ${selectEvidence(evidence)} FROM identity_standard s JOIN identity_raw w USING (r)
    LEFT JOIN identity_mailbox m ON m.local = s.local;
    CREATE OR REPLACE TEMP TABLE identity_old AS
    SELECT no, source, record_id FROM (SELECT no, source, record_id FROM ${records}) SEMI JOIN identity_said USING (source, record_id);
    CREATE OR REPLACE TEMP TABLE identity_same AS
    SELECT no, source, record_id, ${evidence.map((name) => `o.${name} IS NOT DISTINCT FROM n.${name}`).join(" AND ")} AS same
    FROM (SELECT no, ${evidence.join(", ")} FROM ${records} SEMI JOIN identity_old USING (no)) o JOIN identity_old USING (no) JOIN identity_said n USING (source, record_id);
    CREATE OR REPLACE TEMP TABLE identity_left AS
    SELECT no FROM identity_same WHERE NOT same UNION SELECT no FROM ${records} SEMI JOIN ${gone} g USING (source, record_id);
    CREATE OR REPLACE TEMP TABLE identity_came AS
    SELECT CAST(coalesce(no, (SELECT coalesce(max(no), -1) FROM ${records})
        + row_number() OVER (PARTITION BY no IS NULL ORDER BY source, record_id)) AS INTEGER) AS no,
      source, record_id, CAST(NULL AS INTEGER) AS marks, ${evidence.join(", ")}
    FROM identity_said LEFT JOIN identity_same USING (source, record_id) WHERE same IS DISTINCT FROM true;
    CREATE OR REPLACE TEMP TABLE identity_changed AS
    SELECT no FROM identity_came
    ${names.length === 0 ? "" : `UNION SELECT no FROM ${records} ANTI JOIN identity_left USING (no) WHERE (source, record_id) IN (${names.join(", ")})`};
    CREATE OR REPLACE TEMP TABLE identity_new_mark (no INTEGER, marks INTEGER);
    DROP TABLE identity_said; DROP TABLE identity_old; DROP TABLE identity_same`);
}

/** `SELECT no, source, record_id, marks, evidence` of the changed records. */
export function fresh(evidence: readonly string[]): string {
  return `SELECT no, source, record_id, marks, ${evidence.join(", ")} FROM identity_came`;
}

/** The same of rows of `records` that still count and that `wanted`, what stands after FROM, leaves; their marks as they are now. */
export function stayed(records: string, evidence: readonly string[], wanted: string): string {
  return `SELECT no, source, record_id, coalesce(m.marks, s.marks) AS marks, ${evidence.join(", ")}
    FROM (SELECT no, source, record_id, marks, ${evidence.join(", ")} FROM ${records} ${wanted}) s
    ANTI JOIN identity_left USING (no) LEFT JOIN identity_new_mark m USING (no)`;
}
