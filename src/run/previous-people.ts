import { OneCopyError, canonicalJson } from "../base/index.ts";
import { type Previous, type PreviousHouseholds, idsEverGiven } from "../identity/index.ts";
import { type Provenance, type Snapshot, type Table, scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import { CHANGES } from "./identity-changes.ts";
import { ASSIGNMENTS } from "./people-tables.ts";

export interface PreviousRelations extends Previous {
  /** Of the assignments. */
  readonly rowsVersion: number;
  /** undefined: there were none then. */
  readonly households: PreviousHouseholds | undefined;
}

/**
 * What the resolution before left. A run that was killed may have written `identity.retired` and not the assignments
 * that go with it, so the version that was made together with the assignments is looked for.
 */
export async function previousRelations({
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
