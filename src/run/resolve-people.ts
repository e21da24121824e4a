import { OneCopyError } from "../base/index.ts";
import {
  type Movement,
  type Previous,
  type Resolution,
  measureMovement,
  resolve,
  resolveHouseholds,
} from "../identity/index.ts";
import type { RunContext } from "./context.ts";
import { type Derived, isSuperseded } from "./derive.ts";
import { recordChanges } from "./identity-changes.ts";
import { MODEL, type StoredModel, modelDerivation, storedModel, writeModelTables } from "./people-model.ts";
import { linksInput, modelRule, peopleDerivation, whyStale } from "./people-rule.ts";
import { ASSIGNMENTS, writePeople } from "./people-tables.ts";
import {
  type FoundPeople,
  type MadePeople,
  type ModelOutcome,
  type PeopleWork,
  optionsOf,
  refuseMovement,
} from "./people-work.ts";
import type { PreparedSource } from "./prepared-source.ts";
import { previousRelations } from "./previous-people.ts";
import { inputOf } from "./source-changes.ts";
import { makeTouched, wholePeople } from "./touched-people.ts";

const ATTEMPTS = 3;

export interface ResolvedPeople {
  readonly assignments: {
    readonly kind: "unchanged" | "written";
    readonly version: number;
    readonly why: string;
  };
  /** undefined: there was none and none was made. */
  readonly model: ModelOutcome | undefined;
  /** What is true of the people, where they were resolved. */
  readonly found: FoundPeople | undefined;
  /** Present where people were resolved that had been before. */
  readonly movement?: Movement;
}

/**
 * Resolves the records of all sources into people, if a source, its tags or the rule changed since they were: what
 * changed only, by the model that there is, where that can be told and the model still fits. Ids
 * are given on from the assignments before, so what was resolved is written only while those are the newest.
 * What changed goes to `identity.changes`. Fails with `run.identity_would_move` when more records would move than the
 * configuration allows; nothing is written then.
 */
export async function resolvePeople(
  context: RunContext,
  sources: readonly PreparedSource[],
): Promise<ResolvedPeople> {
  const { catalog } = context;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    // A run before may have ended between the assignments and the feed.
    await recordChanges(context);
    const model = await storedModel(context, modelDerivation(sources, modelRule(sources)));
    const derivation = peopleDerivation(context, sources, await linksInput(catalog), model?.input);
    const judged = await catalog.snapshot(ASSIGNMENTS);
    const why = await whyStale(catalog, derivation, model);
    if (judged !== undefined && (why === undefined || isSuperseded(derivation, judged.provenance))) {
      return {
        assignments: { kind: "unchanged", version: judged.version, why: "up to date" },
        model: model && { kind: "kept", version: model.input.version, why: "up to date" },
        found: undefined,
      };
    }
    const previous = await previousRelations(context);
    const work: PeopleWork = { context, sources, derivation, judged, previous, why: why ?? "" };
    const made = await make(work, model);
    if (made.written.kind !== "written") continue;
    const { before, after, written } = made;
    const known =
      previous === undefined || before === undefined ? undefined : { ...previous, relation: before };
    await recordChanges(
      context,
      known && {
        ...known,
        ...(after === undefined ? {} : { after: { relation: after, version: written.version } }),
      },
    );
    return {
      assignments: { kind: "written", version: written.version, why: why ?? "" },
      model: made.model,
      found: made.found,
      ...(made.movement === undefined ? {} : { movement: made.movement }),
    };
  }
  throw new OneCopyError("run.contended", `Other runs resolved the people ${ATTEMPTS} times meanwhile.`, {
    remedy: "Let one process at a time run this project.",
  });
}

async function make(work: PeopleWork, model: StoredModel | undefined): Promise<MadePeople> {
  if (model === undefined) return await makeAll(work, undefined, await whyThereIsNone(work.context));
  const tables = await wholePeople(work);
  const { previous } = work;
  if (tables === undefined || previous?.households === undefined) return await makeAll(work, model, "");
  const touched = await makeTouched(work, model, tables, previous, previous.households);
  return typeof touched === "string" ? await makeAll(work, undefined, touched) : touched;
}

async function whyThereIsNone({ catalog }: RunContext): Promise<string> {
  return (await catalog.snapshot(MODEL)) === undefined
    ? "there was none"
    : "the one before was of other sources or tags, or of another version of OneCopy";
}

/** Resolves all records: by the model, or with one that is trained on them, for the reason given. */
async function makeAll(
  work: PeopleWork,
  model: StoredModel | undefined,
  whyTrained: string,
): Promise<MadePeople> {
  const { context, sources, previous, judged } = work;
  const { session, catalog } = context;
  const resolution = await resolveRecords(context, sources, previous, model);
  const movement =
    previous === undefined
      ? undefined
      : await measureMovement(session, previous.assignments, resolution.tables.assignments);
  if (movement !== undefined)
    await refuseMovement(work, model, movement, model === undefined ? whyTrained : undefined);
  await resolveHouseholds(session, previous?.households, context.clock.now());
  const basedOn = { version: judged?.version };
  const found = {
    profiles: resolution.profiles,
    sharedValues: resolution.sharedValues.length,
    contradictedLinks: resolution.contradictedLinks,
  };
  const outcome = (written: Derived, version: number): MadePeople => ({
    written,
    model:
      model === undefined
        ? { kind: "trained", version, why: whyTrained }
        : { kind: "kept", version, why: "it fits" },
    movement,
    found,
    before: previous?.assignments,
  });
  // The other tables are written without a look at the assignments: look here.
  if ((await catalog.snapshot(ASSIGNMENTS))?.version !== basedOn.version)
    return outcome({ kind: "overtaken" }, -1);
  const input =
    model?.input ??
    (await writeModelTables(context, modelDerivation(sources, modelRule(sources)), resolution, whyTrained));
  const derivation = peopleDerivation(context, sources, await linksInput(catalog), input);
  return outcome(await writePeople(context, derivation, basedOn), input.version);
}

async function resolveRecords(
  context: RunContext,
  sources: readonly PreparedSource[],
  previous: Previous | undefined,
  model: StoredModel | undefined,
): Promise<Resolution> {
  return resolve(context.session, await Promise.all(sources.map(inputOf)), {
    ...(await optionsOf(context)),
    keepsRecords: true,
    ...(model === undefined ? {} : { model }),
    ...(previous === undefined ? {} : { previous }),
    onProgress: (stage) => context.report({ kind: "progress", target: "people", note: stage }),
  });
}
