import { randomUUID } from "node:crypto";
import { OneCopyError } from "../../base/index.ts";
import type { TableAccess } from "../access.ts";
import type { Actions } from "../delta/action.ts";
import { checkWritable } from "../delta/feature.ts";
import { excludedBy } from "../delta/protocol.ts";
import { readCommits } from "../delta/read-commits.ts";
import { type LogState, replay } from "../delta/replay.ts";
import { elsewhere } from "../elsewhere.ts";
import { type Ground, groundAfterRace, isHealedSince } from "../heal/race.ts";
import { type Attempts, newAttempts } from "../iceberg/prepare.ts";
import type { CommitOutcome } from "../snapshot.ts";
import { backOff } from "./back-off.ts";
import type { Change } from "./change.ts";
import { conflictWith } from "./conflict.ts";
import { prepareCommit } from "./prepare-commit.ts";
import { isDoubtful, putCommit } from "./put-commit.ts";

/** So long a writer tries while others commit without pause. */
const patienceMs = 120_000;

/**
 * Commits a change on `base`, or on what others have committed since, as long as that does not exclude it. The
 * one put of `_delta_log/<N>.json` is the commit of both formats. Fails with `table.commit_unknown` when the
 * store does not let us find out whether it happened.
 */
export async function commit(table: TableAccess, base: LogState, change: Change): Promise<CommitOutcome> {
  const attempts = newAttempts();
  try {
    const outcome = await tryCommit(table, base, change, attempts);
    if (outcome.kind !== "committed") await discard(table, attempts.keys);
    return outcome;
  } catch (error) {
    if (!isDoubtful(error)) await discard(table, attempts.keys);
    throw error;
  }
}

async function tryCommit(
  table: TableAccess,
  base: LogState,
  change: Change,
  attempts: Attempts,
): Promise<CommitOutcome> {
  const { store, folder } = table;
  const txnId = randomUUID();
  const startedMs = performance.now();
  let state = base;
  let known = settled(state, change);
  if (known !== undefined) return known;
  let ground: Ground = { iceberg: await table.iceberg(state), at: state, since: undefined };
  for (let attempt = 0; ; attempt++) {
    checkWritable(folder, state.protocol, state.metaData);
    const version = state.version + 1;
    const prepared = await prepareCommit(table, state, ground, change, txnId, attempts);
    if (await isHealedSince(table, ground, state)) {
      await discard(table, prepared.iceberg.keys);
      ground = await groundAfterRace(table, ground, state, attempt);
      continue;
    }
    if ((await putCommit(store, folder, version, prepared.body, txnId)) === "committed") {
      table.committed({ ...prepared.iceberg, version }, state);
      const excludes = excludedBy(state.protocol, prepared.protocol);
      return {
        kind: "committed",
        version,
        rows: rowsAdded(change),
        ...(excludes.length === 0 ? {} : { excludes }),
      };
    }
    await discard(table, prepared.iceberg.keys);
    if (performance.now() - startedMs > patienceMs)
      return {
        kind: "conflict",
        winner: version,
        reason: `others committed without pause for ${patienceMs / 1000} seconds`,
      };
    await backOff(attempt);
    const { newest, winners } = await whoWon(table, state, version);
    const outside = elsewhere(store, newest.metaData.configuration);
    for (const winner of winners) {
      const reason = conflictWith(folder, winner.actions, change, outside);
      if (reason !== undefined) return { kind: "conflict", winner: winner.version, reason };
    }
    ground = await groundAfterRace(table, ground, newest, attempt);
    state = newest;
    known = settled(state, change);
    if (known !== undefined) return known;
  }
}

async function whoWon(
  { store, folder }: TableAccess,
  state: LogState,
  version: number,
): Promise<{ newest: LogState; winners: { version: number; actions: Actions }[] }> {
  const newest = await replay(store, folder, undefined, state);
  if (newest === undefined || newest.version < version)
    throw new OneCopyError(
      "table.log_damaged",
      `Version ${version} of ${folder} was taken, and is not in the log.`,
    );
  return { newest, winners: await readCommits(store, folder, version, newest.version) };
}

/** An outcome that needs no commit. */
export function settled(state: LogState, change: Pick<Change, "transactions" | "onlyIf">) {
  const { transactions = [], onlyIf } = change;
  const known = transactions.filter(({ appId, version }) => (state.transactions.get(appId) ?? -1) >= version);
  const conflict = (reason: string): CommitOutcome => ({ kind: "conflict", winner: state.version, reason });
  if (known.length > 0 && known.length === transactions.length)
    return { kind: "already", version: state.version } satisfies CommitOutcome;
  if (known.length > 0)
    return conflict(`the transaction ${known[0]!.appId} is committed already, others of this write are not`);
  if (onlyIf !== undefined && state.version !== onlyIf)
    return conflict(`the table is no longer at version ${onlyIf}`);
  return undefined;
}

function rowsAdded({ data }: Change): number {
  return data?.adds.reduce((sum, { statistics }) => sum + statistics.rows, 0) ?? 0;
}

/** What is referred to by nothing. A left-over does no harm, and vacuum removes it. */
async function discard({ store }: TableAccess, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => store.delete(key).catch(() => undefined)));
}
