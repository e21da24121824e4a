import { OneCopyError, canonicalJson } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { Session } from "../engine/index.ts";
import {
  LINKS,
  idsEverGiven,
  leftOf,
  measureMovement,
  mostMoved,
  movementOf,
  readLinks,
  resolve,
  resolveChanges,
  resolveHouseholds,
  resolveHouseholdsOf,
  rightOf,
  stewardLinks,
  type IncrementOptions,
  type Movement,
  type Previous,
  type PreviousHouseholds,
  type RecordName,
  type Resolution,
  type StewardLink,
} from "../identity/index.ts";
import type { Revision } from "../project/index.ts";
import { type Provenance, type Snapshot, type Table, scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import {
  type Derivation,
  type Derived,
  type InputTable,
  isMadeBy,
  isSuperseded,
  staleness,
} from "./derive.ts";
import { CHANGES, recordChanges } from "./identity-changes.ts";
import { MODEL, type StoredModel, modelDerivation, storedModel, writeModelTables } from "./people-model.ts";
import {
  ASSIGNMENTS,
  type FoundTables,
  RECORDS,
  peopleTables,
  writePeople,
  writeTouched,
} from "./people-tables.ts";
import type { PreparedSource } from "./prepared-source.ts";
import { rowCount } from "./row-count.ts";
import { inputOf, sourceChanges } from "./source-changes.ts";
import type { Touched } from "./step.ts";

const ATTEMPTS = 3;

/** What a run did about the people's model. */
export interface ModelOutcome {
  readonly kind: "kept" | "trained";
  readonly version: number;
  readonly why: string;
}

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

export interface FoundPeople {
  readonly profiles: number;
  readonly sharedValues: number;
  readonly contradictedLinks: readonly StewardLink[];
  /** Present where only what changed was resolved. */
  readonly touched?: Touched;
}

/** How people were written, and what is known of them. */
interface MadePeople {
  readonly written: Derived;
  readonly model: ModelOutcome;
  readonly movement: Movement | undefined;
  readonly found: FoundPeople;
  /** Relations (source, record_id, profile_id) between which nothing but what changed lies; for the feed. */
  readonly before?: string | undefined;
  readonly after?: string;
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
    const work: Work = { context, sources, derivation, judged, previous, why: why ?? "" };
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

/** What one attempt works with. */
interface Work {
  readonly context: RunContext;
  readonly sources: readonly PreparedSource[];
  /** By the model that there is. */
  readonly derivation: Omit<Derivation, "query">;
  readonly judged: Snapshot | undefined;
  readonly previous: PreviousRelations | undefined;
  readonly why: string;
}

async function make(work: Work, model: StoredModel | undefined): Promise<MadePeople> {
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

/** The people's tables, when all are of the resolution of the assignments, and that was by this rule and model. */
async function wholePeople({ context, derivation, judged }: Work): Promise<FoundTables | undefined> {
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

/** Resolves all records: by the model, or with one that is trained on them, for the reason given. */
async function makeAll(work: Work, model: StoredModel | undefined, whyTrained: string): Promise<MadePeople> {
  const { context, sources, previous, judged } = work;
  const { session, catalog } = context;
  const resolution = await resolveRecords(context, sources, previous, model);
  const movement =
    previous === undefined
      ? undefined
      : await measureMovement(session, previous.assignments, resolution.tables.assignments);
  // What a steward decided since, and nothing else, was asked for.
  if (movement !== undefined && !(await onlyLinksChanged(work, model)))
    refuseMovement(context, movement, model === undefined ? whyTrained : undefined);
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

/** Resolves what changed; a text: why the model must be trained anew. */
async function makeTouched(
  work: Work,
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
  if (!(await onlyLinksChanged(work, model))) refuseMovement(context, movement, undefined);
  progress("households");
  await resolveHouseholdsOf(session, { records, assignments: previous.assignments }, households, clock.now());
  progress("write");
  const written = await writeTouched(context, derivation, tables, why);
  const after = await context.catalog.snapshot(ASSIGNMENTS);
  return {
    written,
    model: { kind: "kept", version: model.input.version, why: "it fits" },
    movement,
    found: {
      profiles: await countProfiles(session, after!),
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

async function countProfiles(session: Session, assignments: Snapshot): Promise<number> {
  return await countRows(session, `(SELECT DISTINCT profile_id FROM ${await scan(session, assignments)})`);
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

/**
 * Why the people are out of date; undefined when they are not. All tables must come from one resolution: of two
 * runs at once, or one that was killed, some may be of another.
 */
export async function peopleStaleness(
  context: Pick<RunContext, "catalog" | "session" | "revision">,
  sources: readonly PreparedSource[],
): Promise<string | undefined> {
  const model = await storedModel(context, modelDerivation(sources, modelRule(sources)));
  const derivation = peopleDerivation(context, sources, await linksInput(context.catalog), model?.input);
  return await whyStale(context.catalog, derivation, model);
}

async function whyStale(
  catalog: Catalog,
  derivation: Omit<Derivation, "query">,
  model: StoredModel | undefined,
): Promise<string | undefined> {
  for (const name of [...peopleTables].reverse()) {
    const made = (await catalog.snapshot(name))?.provenance;
    const why = staleness(derivation, made);
    if (why !== undefined) return name === ASSIGNMENTS ? why : `${name} is of another resolution`;
  }
  return model === undefined ? "the model is not whole" : undefined;
}

function refuseMovement(
  { acceptsIdentityChanges, revision }: RunContext,
  { moved, of, jitter }: Movement,
  whyTrained: string | undefined,
): void {
  const limit = mostMoved(revision.config.identity);
  if (acceptsIdentityChanges || jitter <= limit) return;
  throw new OneCopyError(
    "run.identity_would_move",
    `${moved} of the ${of} records that were there before (${percent(jitter)}) would move to another profile; identity.most_moved allows ${percent(limit)}.${whyTrained === undefined ? "" : ` The model was trained anew: ${whyTrained}.`} Nothing about people was changed.`,
    {
      remedy:
        "Look at what changed in the sources and the configuration. If the movement is wanted: `onecopy run --accept-identity-changes`.",
    },
  );
}

/** Such as `2.35%`. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}

function peopleDerivation(
  { revision }: Pick<RunContext, "revision">,
  sources: readonly PreparedSource[],
  links: InputTable | undefined,
  model: InputTable | undefined,
): Omit<Derivation, "query"> {
  return {
    name: ASSIGNMENTS,
    inputs: {
      ...Object.fromEntries(sources.map((source) => [source.relationName, source])),
      ...(links === undefined ? {} : { [LINKS]: links }),
      ...(model === undefined ? {} : { [MODEL]: model }),
    },
    rule: peopleRule(revision, sources),
    identifying: [],
  };
}

async function linksInput(catalog: Catalog): Promise<InputTable | undefined> {
  const links = await catalog.snapshot(LINKS);
  return links === undefined ? undefined : { tableId: links.tableId, version: links.rowsVersion };
}

async function onlyLinksChanged(
  { context, sources, judged }: Work,
  model: StoredModel | undefined,
): Promise<boolean> {
  const made = judged?.provenance;
  const links = await linksInput(context.catalog);
  if (made === undefined || links === undefined) return false;
  const version = made.inputs[LINKS];
  const before = version === undefined ? undefined : { ...links, version };
  return staleness(peopleDerivation(context, sources, before, model?.input), made) === undefined;
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

/** What holds whether all records are resolved or those that changed. */
async function optionsOf({
  catalog,
  session,
  clock,
  signal,
  revision,
}: RunContext): Promise<IncrementOptions> {
  const { trusted, separate, matching } = revision.config.identity;
  return {
    now: clock.now(),
    links: stewardLinks(await readLinks({ catalog, session })),
    trusted,
    separate,
    matching,
    ...(signal === undefined ? {} : { signal }),
  };
}

/** Raised when the same records would give other people, so that they are resolved again. */
const ALGORITHM = 8;

function peopleRule({ config }: Revision, sources: readonly PreparedSource[]): unknown {
  const { trusted, separate, matching } = config.identity;
  return {
    ...modelRule(sources),
    ...(trusted.length === 0 ? {} : { trusted }),
    ...(separate.length === 0 ? {} : { separate }),
    ...(matching === "balanced" ? {} : { matching }),
  };
}

function modelRule(sources: readonly PreparedSource[]): {
  readonly algorithm: number;
  readonly sources: unknown;
} {
  return {
    algorithm: ALGORITHM,
    sources: sources.map(({ name, idColumn, tags }) => ({ name, idColumn, tags })),
  };
}

interface PreviousRelations extends Previous {
  /** Of the assignments. */
  readonly rowsVersion: number;
  /** undefined: there were none then. */
  readonly households: PreviousHouseholds | undefined;
}

/**
 * What the resolution before left. A run that was killed may have written `identity.retired` and not the assignments
 * that go with it, so the version that was made together with the assignments is looked for.
 */
async function previousRelations({
  catalog,
  session,
}: Pick<RunContext, "catalog" | "session">): Promise<PreviousRelations | undefined> {
  const assignments = await catalog.snapshot(ASSIGNMENTS);
  const table = await catalog.find("identity.retired");
  if (assignments === undefined || table === undefined) return undefined;
  // Restored, or changed by another writer: what it is made from is not known, and all that was retired is.
  const made = assignments.provenance && madeFrom(assignments.provenance);
  const retired = await versionMadeFrom(table, made);
  if (retired !== undefined) {
    const changes = await catalog.snapshot(CHANGES);
    return {
      assignments: await scan(session, assignments),
      retired: await scan(session, retired),
      rowsVersion: assignments.rowsVersion,
      households: await previousHouseholds({ catalog, session }, made),
      ...(changes === undefined ? {} : { given: `(${idsEverGiven(await scan(session, changes))})` }),
    };
  }
  throw new OneCopyError(
    "run.retired_ids_missing",
    "No version of identity.retired belongs to the newest identity.assignments, so ids could be given a second time.",
    {
      remedy:
        'Restore identity.retired to the version of the last good run; `onecopy query "from _system.runs"` lists them.',
    },
  );
}

async function previousHouseholds(
  { catalog, session }: Pick<RunContext, "catalog" | "session">,
  made: string | undefined,
): Promise<PreviousHouseholds | undefined> {
  const households = await catalog.find("identity.households");
  const retired = await catalog.find("identity.retired_households");
  if (households === undefined || retired === undefined) return undefined;
  const [now, ended] = [await versionMadeFrom(households, made), await versionMadeFrom(retired, made)];
  if (now === undefined || ended === undefined) return undefined;
  return { households: await scan(session, now), retiredHouseholds: await scan(session, ended) };
}

/** The newest version of a table that was made from what `made` says; undefined: the newest. */
async function versionMadeFrom(table: Table, made: string | undefined): Promise<Snapshot | undefined> {
  const newest = await table.snapshot();
  for (let version = newest.version; version >= 0; version--) {
    const snapshot = version === newest.version ? newest : await table.snapshot(version);
    const { provenance } = snapshot;
    if (made === undefined || (provenance !== undefined && madeFrom(provenance) === made)) return snapshot;
  }
  return undefined;
}

function madeFrom({ inputs, rule }: Provenance): string {
  return canonicalJson({ inputs, rule });
}
