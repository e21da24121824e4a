import type { Session } from "../engine/index.ts";
import {
  LINKS,
  type PreviousHouseholds,
  type RecordName,
  leftOf,
  measureMovement,
  movementOf,
  readLinks,
  resolveChanges,
  resolveHouseholdsOf,
  rightOf,
} from "../identity/index.ts";
import { type Provenance, type Snapshot, scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import { isMadeBy } from "./derive.ts";
import { MODEL, type StoredModel } from "./people-model.ts";
import { type FoundTables, RECORDS, peopleTables, writeTouched } from "./people-tables.ts";
import { type MadePeople, type PeopleWork, optionsOf, refuseMovement } from "./people-work.ts";
import type { PreviousRelations } from "./previous-people.ts";
import { rowCount } from "./row-count.ts";
import { sourceChanges } from "./source-changes.ts";

/** The people's tables, when all are of the resolution of the assignments, and that was by this rule and model. */
export async function wholePeople({
  context,
  derivation,
  judged,
}: PeopleWork): Promise<FoundTables | undefined> {
  const made = judged?.provenance;
  if (made === undefined || made.inputs[MODEL] !== derivation.inputs[MODEL]?.version) return undefined;
  const tables = new Map<string, Snapshot>();
  const { [LINKS]: links, ...others } = derivation.inputs;
  // A steward's first link touches no more than the next one: without the table nothing was decided by hand.
  const inputs = links === undefined || made.inputs[LINKS] !== undefined ? derivation.inputs : others;
  for (const name of peopleTables) {
    const snapshot = await context.catalog.snapshot(name);
    if (!isMadeBy({ ...derivation, inputs }, snapshot?.provenance, made)) return undefined;
    tables.set(name, snapshot!);
  }
  return tables;
}

/** Resolves what changed; a text: why the model must be trained anew. */
export async function makeTouched(
  work: PeopleWork,
  model: StoredModel,
  tables: FoundTables,
  previous: PreviousRelations,
  households: PreviousHouseholds,
): Promise<MadePeople | string> {
  const { context, sources, derivation, judged, why } = work;
  const { session, clock, report } = context;
  const records = await scan(session, tables.get(RECORDS)!);
  const progress = (note: string): void => report({ kind: "progress", target: "people", note });
  progress("what changed");
  const increment = await resolveChanges(
    session,
    {
      ...(await sourceChanges(context, sources, judged!.provenance!, records)),
      told: await toldSince(context, judged!.provenance!),
    },
    { model, records, previous },
    { ...(await optionsOf(context)), onProgress: progress },
  );
  if (increment.drift !== undefined) return increment.drift;
  const { moved, of } = await measureMovement(session, "identity_before", "identity_assignments");
  const untouched = (await rowCount(session, judged!)) - (await countRows(session, "identity_before"));
  const movement = movementOf(moved, of + untouched);
  await refuseMovement(work, model, movement, undefined);
  progress("households");
  await resolveHouseholdsOf(session, { records, assignments: previous.assignments }, households, clock.now());
  progress("write");
  const written = await writeTouched(context, derivation, tables, why);
  return {
    written,
    model: { kind: "kept", version: model.input.version, why: "it fits" },
    movement,
    found: {
      profiles: increment.profiles,
      sharedValues: await countRows(session, model.sharedValues),
      contradictedLinks: increment.contradictedLinks,
      touched: { changed: increment.changed, records: increment.touched, components: increment.components },
    },
    before: "identity_before",
    after: "identity_assignments",
  };
}

async function countRows(session: Session, relation: string): Promise<number> {
  return Number((await session.rows<{ n: number }>(`SELECT count(*) AS n FROM ${relation}`))[0]!.n);
}

/** The records of links that a steward made, or took back, since the people were resolved. */
async function toldSince({ catalog, session }: RunContext, made: Provenance): Promise<RecordName[]> {
  const before = made.inputs[LINKS];
  const rows = await readLinks({ catalog, session });
  if (before === undefined) return rows.flatMap((row) => [leftOf(row), rightOf(row)]);
  const table = await catalog.find(LINKS);
  const old = await scan(session, await table!.snapshot(before));
  const [newest] = await session.rows<{ number: number | null }>(`SELECT max(number) AS number FROM ${old}`);
  return rows
    .filter(({ number }) => number > Number(newest!.number ?? 0))
    .flatMap((row) => [leftOf(row), rightOf(row)]);
}
