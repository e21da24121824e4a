import { OneCopyError, canonicalJson } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import { type Resolution, resolve } from "../identity/index.ts";
import { type Provenance, scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import { type Derived, bringUpToDate, staleness } from "./derive.ts";
import type { PreparedSource } from "./prepared-source.ts";

export const ASSIGNMENTS = "identity.assignments";

/**
 * What the resolution leaves in the lake, in the order in which it is written: whether people are up to date is read
 * from `identity.assignments`, so that one comes last, and a run that was killed before begins again.
 */
const TABLES = [
  { name: "identity.model", of: "model", identifying: [] },
  { name: "identity.edges", of: "edges", identifying: ["left_id", "right_id"] },
  { name: "identity.retired", of: "retired", identifying: [] },
  { name: ASSIGNMENTS, of: "assignments", identifying: ["record_id"] },
] as const;

export interface ResolvedPeople {
  readonly assignments: Derived;
  readonly resolution: Resolution | undefined;
}

/** Resolves the records of all sources into people, if a source, its tags or the rule changed since they were. */
export async function resolvePeople(
  context: RunContext,
  sources: readonly PreparedSource[],
): Promise<ResolvedPeople> {
  const { catalog, session, clock } = context;
  const derivation = {
    inputs: Object.fromEntries(sources.map((source) => [source.relationName, source.version])),
    rule: peopleRule(sources),
  };
  const existing = await (await catalog.find(ASSIGNMENTS))?.snapshot();
  if (
    existing !== undefined &&
    staleness({ ...derivation, name: ASSIGNMENTS, identifying: [] }, existing.provenance) === undefined
  ) {
    return { assignments: { kind: "unchanged", version: existing.version }, resolution: undefined };
  }

  const previous = await previousRelations(catalog);
  const resolution = await resolve(
    session,
    sources.map(({ name, relation, idColumn, tags }) => ({ source: name, relation, idColumn, tags })),
    {
      now: clock.now(),
      ...(previous === undefined ? {} : { previous }),
      ...(context.signal === undefined ? {} : { signal: context.signal }),
      onProgress: (stage) => context.report({ kind: "progress", target: "people", note: stage }),
    },
  );
  let assignments: Derived | undefined;
  for (const { name, of, identifying } of TABLES) {
    const query = async (): Promise<string> => `FROM ${resolution.tables[of]}`;
    assignments = await bringUpToDate(catalog, session, { ...derivation, name, identifying, query });
  }
  return { assignments: assignments!, resolution };
}

/** Raised when the same records would give other people, so that they are resolved again. */
const ALGORITHM = 1;

export function peopleRule(sources: readonly PreparedSource[]): unknown {
  return {
    algorithm: ALGORITHM,
    sources: sources.map(({ name, idColumn, tags }) => ({ name, idColumn, tags })),
  };
}

/**
 * What the resolution before left. A run that was killed may have written `identity.retired` and not the assignments
 * that go with it, so the version that was made together with the assignments is looked for.
 */
async function previousRelations(
  catalog: Catalog,
): Promise<{ assignments: string; retired: string } | undefined> {
  const assignments = await (await catalog.find(ASSIGNMENTS))?.snapshot();
  const table = await catalog.find("identity.retired");
  if (assignments?.provenance === undefined || table === undefined) return undefined;
  const made = madeFrom(assignments.provenance);
  const newest = await table.snapshot();
  for (let version = newest.version; version >= 0; version--) {
    const retired = version === newest.version ? newest : await table.snapshot(version);
    if (retired.provenance !== undefined && madeFrom(retired.provenance) === made) {
      return { assignments: scan(assignments), retired: scan(retired) };
    }
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

function madeFrom({ inputs, rule }: Provenance): string {
  return canonicalJson({ inputs, rule });
}
