import type { Session } from "../../engine/index.ts";
import { keyColumnNames } from "../standardise/standardise.ts";

/** So far from a change can be what decides about a mark that it changes, in steps from one record to another with the same value. */
const farthest = 4;

/** SQL that is true for a row that has in one of the columns a value of the query for it. */
export function sharesValue(columns: readonly string[], values: (column: string) => string): string {
  return columns.map((name) => `${name} IN (${values(name)})`).join(" OR ");
}

/**
 * Makes `identity_near(no, depth)`: rows of `records` that share an e-mail, a telephone or a key with what changed, before or
 * after (1), with these (2), … up to {@link farthest}; those that changed without a new row are at 0. Needs {@link takeChanges}.
 */
export async function findNeighbours(session: Session, records: string, keyCount: number): Promise<void> {
  const shared = ["email", "phone", ...keyColumnNames(keyCount)];
  const filled = (name: string): string => `CASE WHEN ${name} IS NOT NULL THEN hash(${name}) END AS ${name}`;
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_sharing AS SELECT no, ${shared.map(filled).join(", ")} FROM ${records};
    CREATE OR REPLACE TEMP TABLE identity_near AS SELECT no, 0 AS depth FROM identity_sharing
      SEMI JOIN identity_changed USING (no) ANTI JOIN identity_left USING (no);
    CREATE OR REPLACE TEMP TABLE identity_frontier AS
    SELECT * EXCLUDE (no) FROM identity_sharing WHERE no IN (FROM identity_left) OR no IN (FROM identity_changed)
    UNION ALL SELECT ${shared.map(filled).join(", ")} FROM identity_came`);
  for (let depth = 1; depth <= farthest; depth++) {
    await session.run(`
      CREATE OR REPLACE TEMP TABLE identity_found AS
      SELECT * FROM identity_sharing WHERE ${sharesValue(shared, (name) => `SELECT ${name} FROM identity_frontier WHERE ${name} IS NOT NULL`)};
      DELETE FROM identity_found WHERE no IN (SELECT no FROM identity_near) OR no IN (FROM identity_left);
      INSERT INTO identity_near SELECT no, ${depth} FROM identity_found;
      CREATE OR REPLACE TEMP TABLE identity_frontier AS SELECT * EXCLUDE (no) FROM identity_found`);
  }
  await session.run("DROP TABLE identity_sharing; DROP TABLE identity_frontier; DROP TABLE identity_found");
}
