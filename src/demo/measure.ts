import { OneCopyError } from "../base/index.ts";
import type { Session } from "../engine/index.ts";
import { evaluate } from "../identity/index.ts";
import { baseline } from "./baseline.ts";
import { contacts, truth } from "./contacts.ts";

/** How well the people of the demo were found, by pairs of records; all shares are 0…1. */
export interface DemoMeasure {
  readonly people: number;
  readonly records: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** The same measure for a plain match on e-mail or phone. */
  readonly baseline_f1: number;
}

/**
 * Compares `assignments`, a relation of source, record_id, profile_id, with the truth of the demo in `folder`, and the
 * plain match with it. A record of the truth that has no assignment counts as a profile of its own.
 * Fails with `demo.unknown_records` when the assignments are not of this demo.
 */
export async function measureDemo(
  session: Session,
  folder: string,
  assignments: string,
): Promise<DemoMeasure> {
  const truths = truth(folder);
  const [known] = await session.rows<{ assigned: number; unknown: number }>(
    `SELECT count(*) AS assigned, count(*) FILTER (person IS NULL) AS unknown
     FROM (SELECT source, CAST(record_id AS VARCHAR) AS record_id FROM ${assignments}) LEFT JOIN ${truths} USING (source, record_id)`,
  );
  if (known!.unknown > 0)
    throw new OneCopyError(
      "demo.unknown_records",
      `${known!.unknown} of ${known!.assigned} assigned records are not in the truth of the demo in ${folder}.`,
      {
        remedy:
          "Measure the lake that was made from this folder; `onecopy demo` into an empty one makes both.",
      },
    );
  const resolved = await evaluate(session, complete(assignments, truths), truths);
  const plain = await evaluate(session, complete(await baseline(session, contacts(folder)), truths), truths);
  return {
    people: resolved.people,
    records: resolved.records,
    precision: resolved.precision,
    recall: resolved.recall,
    f1: resolved.f1,
    baseline_f1: plain.f1,
  };
}

/** What has no profile is a profile of its own, so that leaving records out earns nothing. */
function complete(assignments: string, truths: string): string {
  return `(SELECT source, record_id, coalesce(profile_id, 'unassigned ' || source || ' ' || record_id) AS profile_id
    FROM ${truths} LEFT JOIN (SELECT source, CAST(record_id AS VARCHAR) AS record_id, profile_id FROM ${assignments})
    USING (source, record_id))`;
}
