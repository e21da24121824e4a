import { OneCopyError } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";
import type { TableAccess } from "../access.ts";
import { checkWritable } from "../delta/feature.ts";
import type { LogState } from "../delta/replay.ts";
import { type Blocked, type Healed, blockedBy } from "../heal/heal.ts";
import { newestPointer } from "../heal/pointer.ts";
import { checkpointIfDue } from "./checkpoint-turn.ts";
import { binsAt, compact } from "./compact.ts";
import { isIcebergLost, rebuildIceberg } from "./rebuild.ts";
import { vacuum } from "./vacuum.ts";
import { isVacuumDue } from "./vacuum-due.ts";

export interface MaintainOptions {
  /** Default: by the clock of this machine, and of the store where something is deleted. */
  readonly nowMs?: number | undefined;
  /** `false`: nothing is deleted, since something may still need a version that would go. */
  readonly mayDelete?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface MaintainOutcome {
  readonly version: number;
  /** What was due and is done, a phrase each. */
  readonly done: readonly string[];
  /** Why the Iceberg side stays behind; nothing else is done then. */
  readonly blocked?: Blocked | undefined;
  /** What a person should look at. */
  readonly alerts: readonly string[];
}

/** So many small files of a partition are worth writing together without being asked. */
const filesWorthIt = 16;

/**
 * Does what is due, and looks at names only where nothing is: foreign versions get their Iceberg side, small files are
 * written together, what retention lets go is deleted, a checkpoint that no commit could write is written; and Iceberg
 * files that somebody deleted are written anew. Each part is whole by itself: one that was interrupted is still due the
 * next time.
 */
export async function maintain(
  table: TableAccess & { heal(): Promise<Healed> },
  session: Session,
  { nowMs, mayDelete = true, signal }: MaintainOptions = {},
): Promise<MaintainOutcome> {
  const done: string[] = [];
  const alerts: string[] = [];
  const state = await table.state();
  const reason = whyNotWritable(table, state);
  if (await isIcebergLost(table, state)) {
    if (reason !== undefined) return { version: state.version, done, alerts: [reason] };
    const lost = await rebuilt(table, state, done);
    if (lost !== undefined) return { version: state.version, done, blocked: lost, alerts };
  } else {
    const blocked = await healed(table, state, done);
    if (blocked !== undefined) return { version: state.version, done, blocked, alerts };
  }
  if (reason !== undefined) return { version: state.version, done, alerts: [reason] };

  signal?.throwIfAborted();
  if ((await binsAt(state, filesWorthIt)).length > 0) {
    const { filesBefore, filesAfter } = await compact(table, session, { minFiles: filesWorthIt, signal });
    if (filesBefore > 0) done.push(`${filesBefore} files written as ${filesAfter}`);
  }
  signal?.throwIfAborted();
  if (mayDelete && (await isVacuumDue(table, await table.state(), nowMs ?? Date.now()))) {
    const {
      deleted,
      expiredSnapshots,
      oldestVersion,
      blocked: held,
    } = await vacuum(table, { nowMs, signal });
    const objects = deleted.reduce((sum, one) => sum + one.objects, 0);
    if (objects + expiredSnapshots > 0)
      done.push(`${objects} objects deleted that no version from ${oldestVersion} on needs`);
    if (held !== undefined) alerts.push(held);
  }
  await table.settled();
  const newest = await table.state();
  if ((await checkpointIfDue(table, newest)).isWritten) done.push(`checkpoint of version ${newest.version}`);
  return { version: newest.version, done, alerts };
}

async function healed(
  table: TableAccess & { heal(): Promise<Healed> },
  state: LogState,
  done: string[],
): Promise<Blocked | undefined> {
  const { store, folder } = table;
  const before = (await newestPointer(store, folder, state))?.version;
  if (before === state.version) return undefined;
  const { iceberg, blocked } = await table.heal();
  const gained = iceberg === undefined ? 0 : iceberg.version - (before ?? -1);
  if (gained > 0) done.push(`Iceberg metadata up to version ${iceberg!.version}, which another writer made`);
  return blocked;
}

async function rebuilt(table: TableAccess, state: LogState, done: string[]): Promise<Blocked | undefined> {
  try {
    // Lost against another writer, it is still due the next time.
    if ((await rebuildIceberg(table, state)).kind === "committed")
      done.push("Iceberg metadata, of which files were gone, written anew from the Delta log");
    return undefined;
  } catch (error) {
    return blockedBy(state.version, error);
  }
}

/** What a foreign writer asked for and OneCopy would break: the table is read as ever, and left as it is. */
function whyNotWritable({ folder }: TableAccess, { protocol, metaData }: LogState): string | undefined {
  try {
    checkWritable(folder, protocol, metaData);
    return undefined;
  } catch (error) {
    if (error instanceof OneCopyError) return `left as it is: ${error.message}`;
    throw error;
  }
}
