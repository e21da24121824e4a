import { OneCopyError } from "../base/index.ts";
import type { Session, Value } from "../engine/index.ts";
import { type Population, compileSegment } from "./compile.ts";
import type { Rule } from "./rule.ts";

const MOST_SHOWN = 10_000;

/** How many people a rule selects. */
export async function countSegment(
  session: Session,
  rule: Rule,
  population: Population,
  asOf: string,
): Promise<number> {
  const [row] = await session.rows<{ people: number }>(
    `SELECT count(*) AS people FROM (${compileSegment(rule, population, asOf)})`,
  );
  return row!.people;
}

/** The first `limit` people of a segment in the order of their ids, with all columns. Fails with `segment.bad_limit`. */
export async function showSegment(
  session: Session,
  rule: Rule,
  population: Population,
  asOf: string,
  limit: number,
): Promise<Record<string, Value>[]> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_SHOWN)
    throw new OneCopyError(
      "segment.bad_limit",
      `The limit must be a whole number from 1 to ${MOST_SHOWN}, found ${limit}.`,
      {
        remedy: "To read more people, query unified.customer_360 or deliver the segment with a sync.",
      },
    );
  return session.rows(`SELECT * FROM ${population.relation} people
    SEMI JOIN (${compileSegment(rule, population, asOf)}) members USING (profile_id)
    ORDER BY profile_id LIMIT ${limit}`);
}
