import { OneCopyError, canonicalJson } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import {
  LINKS,
  idsEverGiven,
  measureMovement,
  mostMoved,
  readLinks,
  resolve,
  resolveHouseholds,
  stewardLinks,
  type Movement,
  type Previous,
  type PreviousHouseholds,
  type Resolution,
} from "../identity/index.ts";
import type { Revision } from "../project/index.ts";
import { type Provenance, type Snapshot, type Table, scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import {
  type Derivation,
  type Derived,
  type InputTable,
  bringUpToDate,
  isSuperseded,
  staleness,
} from "./derive.ts";
import { CHANGES, recordChanges } from "./identity-changes.ts";
import type { PreparedSource } from "./prepared-source.ts";

const ASSIGNMENTS = "identity.assignments";

/**
 * What the resolution leaves in the lake, in the order in which it is written: the assignments last, so that a run
 * that is killed before them begins again.
 */
const TABLES = [
  { name: "identity.model", of: "model", identifying: [] },
  { name: "identity.learned", of: "learned", identifying: ["value", "meaning"] },
  { name: "identity.blocks", of: "blocks", identifying: [] },
  { name: "identity.shared_values", of: "sharedValues", identifying: ["value"] },
  { name: "identity.edges", of: "edges", identifying: ["left_id", "right_id"] },
  { name: "identity.retired", of: "retired", identifying: [] },
  { name: "identity.retired_households", of: "retiredHouseholds", identifying: [] },
  { name: "identity.households", of: "households", identifying: [] },
  { name: ASSIGNMENTS, of: "assignments", identifying: ["record_id"] },
] as const;

const ATTEMPTS = 3;

export interface ResolvedPeople {
  readonly assignments: {
    readonly kind: "unchanged" | "written";
    readonly version: number;
    readonly why: string;
  };
  readonly resolution: Resolution | undefined;
  /** Present where people were resolved that had been before. */
  readonly movement?: Movement;
}

/**
 * Resolves the records of all sources into people, if a source, its tags or the rule changed since they were. Ids
 * are given on from the assignments before, so what was resolved is written only while those are the newest.
 * What changed goes to `identity.changes`. Fails with `run.identity_would_move` when more records would move than the
 * configuration allows; nothing is written then.
 */
export async function resolvePeople(
  context: RunContext,
  sources: readonly PreparedSource[],
): Promise<ResolvedPeople> {
  const { catalog, session } = context;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    // A run before may have ended between the assignments and the feed.
    await recordChanges(context);
    const derivation = peopleDerivation(context, sources, await linksInput(catalog));
    const judged = await catalog.snapshot(ASSIGNMENTS);
    const why = await whyStale(catalog, derivation);
    if (judged !== undefined && (why === undefined || isSuperseded(derivation, judged.provenance))) {
      return {
        assignments: { kind: "unchanged", version: judged.version, why: "up to date" },
        resolution: undefined,
      };
    }
    const previous = await previousRelations(context);
    const resolution = await resolveRecords(context, sources, previous);
    const movement =
      previous === undefined
        ? undefined
        : await measureMovement(session, previous.assignments, resolution.tables.assignments);
    // What a steward decided since, and nothing else, was asked for.
    if (movement !== undefined && !(await onlyLinksChanged(context, sources, judged)))
      refuseMovement(context, movement);
    const tables = {
      ...resolution.tables,
      ...(await resolveHouseholds(session, previous?.households, context.clock.now())),
    };
    const basedOn = { version: judged?.version };
    // The other tables are written without a look at the assignments: look here.
    if ((await catalog.snapshot(ASSIGNMENTS))?.version !== basedOn.version) continue;
    let written: Derived | undefined;
    for (const { name, of, identifying } of TABLES) {
      const query = async (): Promise<string> => `FROM ${tables[of]}`;
      const condition = name === ASSIGNMENTS ? { basedOn } : {};
      written = await bringUpToDate(catalog, session, {
        ...derivation,
        name,
        identifying,
        query,
        ...condition,
      });
    }
    if (written === undefined || written.kind === "overtaken") continue;
    await recordChanges(context, previous && { ...previous, relation: previous.assignments });
    return {
      assignments: { kind: "written", version: written.version, why: why ?? "" },
      resolution,
      ...(movement === undefined ? {} : { movement }),
    };
  }
  throw new OneCopyError("run.contended", `Other runs resolved the people ${ATTEMPTS} times meanwhile.`, {
    remedy: "Let one process at a time run this project.",
  });
}

/**
 * Why the people are out of date; undefined when they are not. All tables must come from one resolution: of two
 * runs at once, or one that was killed, some may be of another.
 */
export async function peopleStaleness(
  { catalog, revision }: Pick<RunContext, "catalog" | "revision">,
  sources: readonly PreparedSource[],
): Promise<string | undefined> {
  return await whyStale(catalog, peopleDerivation({ revision }, sources, await linksInput(catalog)));
}

async function whyStale(
  catalog: Catalog,
  derivation: Omit<Derivation, "query">,
): Promise<string | undefined> {
  for (const { name } of [...TABLES].reverse()) {
    const made = (await catalog.snapshot(name))?.provenance;
    const why = staleness(derivation, made);
    if (why !== undefined) return name === ASSIGNMENTS ? why : `${name} is of another resolution`;
  }
  return undefined;
}

function refuseMovement(
  { acceptsIdentityChanges, revision }: RunContext,
  { moved, of, jitter }: Movement,
): void {
  const limit = mostMoved(revision.config.identity);
  if (acceptsIdentityChanges || jitter <= limit) return;
  throw new OneCopyError(
    "run.identity_would_move",
    `${moved} of the ${of} records that were there before (${percent(jitter)}) would move to another profile; identity.most_moved allows ${percent(limit)}. Nothing about people was changed.`,
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
): Omit<Derivation, "query"> {
  return {
    name: ASSIGNMENTS,
    inputs: {
      ...Object.fromEntries(sources.map((source) => [source.relationName, source])),
      ...(links === undefined ? {} : { [LINKS]: links }),
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
  { catalog, revision }: RunContext,
  sources: readonly PreparedSource[],
  judged: Snapshot | undefined,
): Promise<boolean> {
  const made = judged?.provenance;
  const links = await linksInput(catalog);
  if (made === undefined || links === undefined) return false;
  const version = made.inputs[LINKS];
  const before = version === undefined ? undefined : { ...links, version };
  return staleness(peopleDerivation({ revision }, sources, before), made) === undefined;
}

async function resolveRecords(
  { catalog, session, clock, signal, report, revision }: RunContext,
  sources: readonly PreparedSource[],
  previous: Previous | undefined,
): Promise<Resolution> {
  return resolve(
    session,
    sources.map(({ name, relation, idColumn, tags }) => ({ source: name, relation, idColumn, tags })),
    {
      now: clock.now(),
      links: stewardLinks(await readLinks({ catalog, session })),
      trusted: revision.config.identity.trusted,
      separate: revision.config.identity.separate,
      ...(previous === undefined ? {} : { previous }),
      ...(signal === undefined ? {} : { signal }),
      onProgress: (stage) => report({ kind: "progress", target: "people", note: stage }),
    },
  );
}

/** Raised when the same records would give other people, so that they are resolved again. */
const ALGORITHM = 3;

function peopleRule({ config }: Revision, sources: readonly PreparedSource[]): unknown {
  const { trusted, separate } = config.identity;
  return {
    algorithm: ALGORITHM,
    ...(trusted.length === 0 ? {} : { trusted }),
    ...(separate.length === 0 ? {} : { separate }),
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
