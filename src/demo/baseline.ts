import type { Session } from "../engine/index.ts";

const ASSIGNMENTS = "demo_baseline_assignments";

// What more records share is hardly anybody's own: test@test.com. Of all limits this one does best on the demo.
const MAX_RECORDS_OF_A_VALUE = 20;

/**
 * What a plain match does: records with the same e-mail (lower-cased, trimmed) or the same phone (its digits, without
 * the country's 1) are one person, and so are those that are connected over several steps. It is not a straw man:
 * what cannot be an address or a number, and what too many records share, is left out first; with those in,
 * test@test.com alone would make one person of hundreds.
 * `contacts` is a relation of source, record_id, email, phone. Leaves a temporary table of the session and returns
 * its name: source, record_id, profile_id.
 */
export async function baseline(session: Session, contacts: string): Promise<string> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE demo_baseline_records AS
    WITH digits AS (
      SELECT source, record_id, lower(trim(email)) AS email,
        regexp_replace(regexp_replace(phone, '[^0-9]', '', 'g'), '^1([0-9]{10})$', '\\1') AS phone FROM ${contacts}),
    valid AS (
      SELECT source, record_id, CASE WHEN email LIKE '_%@_%' THEN email END AS email,
        CASE WHEN regexp_full_match(phone, '[2-9][0-9]{2}[2-9][0-9]{6}')
             AND phone <> repeat(phone[1], 10) THEN phone END AS phone FROM digits),
    counted AS (
      SELECT *, count(*) OVER (PARTITION BY email) AS of_email, count(*) OVER (PARTITION BY phone) AS of_phone FROM valid)
    SELECT row_number() OVER (ORDER BY source, record_id) AS n, source, record_id,
      CASE WHEN of_email <= ${MAX_RECORDS_OF_A_VALUE} THEN email END AS email,
      CASE WHEN of_phone <= ${MAX_RECORDS_OF_A_VALUE} THEN phone END AS phone
    FROM counted;
    CREATE OR REPLACE TEMP TABLE demo_baseline_labels AS
    SELECT n, source, record_id, email, phone, n AS label FROM demo_baseline_records;`);
  // Every record takes the smallest label among those that it shares a value with, until none changes.
  for (let changed = true; changed;) {
    const [before] = await session.rows<{ total: string }>(
      "SELECT CAST(sum(label) AS VARCHAR) AS total FROM demo_baseline_labels",
    );
    await session.run(`
      CREATE OR REPLACE TEMP TABLE demo_baseline_labels AS
      WITH by_email AS (SELECT email, min(label) AS label FROM demo_baseline_labels WHERE email IS NOT NULL GROUP BY 1),
      by_phone AS (SELECT phone, min(label) AS label FROM demo_baseline_labels WHERE phone IS NOT NULL GROUP BY 1),
      one_step AS (
        SELECT own.* EXCLUDE (label), own.label AS old,
          least(own.label, coalesce(by_email.label, own.label), coalesce(by_phone.label, own.label)) AS label
        FROM demo_baseline_labels own LEFT JOIN by_email USING (email) LEFT JOIN by_phone USING (phone)),
      by_old AS (SELECT old, min(label) AS label FROM one_step GROUP BY 1)
      SELECT one_step.* EXCLUDE (label, old), by_old.label FROM one_step JOIN by_old USING (old)`);
    const [after] = await session.rows<{ total: string }>(
      "SELECT CAST(sum(label) AS VARCHAR) AS total FROM demo_baseline_labels",
    );
    changed = before!.total !== after!.total;
  }
  await session.run(`
    CREATE OR REPLACE TEMP TABLE ${ASSIGNMENTS} AS
    SELECT source, record_id, 'B' || label AS profile_id FROM demo_baseline_labels;
    DROP TABLE demo_baseline_labels;
    DROP TABLE demo_baseline_records`);
  return ASSIGNMENTS;
}
