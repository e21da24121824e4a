import { randomUUID } from "node:crypto";
import { OneCopyError } from "../base/index.ts";
import type { Schema } from "../schema/index.ts";
import type { Store } from "../storage/index.ts";
import { type ReadSet, conflictWith } from "./conflict.ts";
import { type CommitContent, type MetaData, type NewFile, renderCommit } from "./delta/commit-file.ts";
import { checkWritable } from "./delta/feature.ts";
import { type LogState, readCommits, replay } from "./delta/replay.ts";
import { heal } from "./heal.ts";
import type { DataFileRecord } from "./iceberg/manifest.ts";
import { withIcebergIds } from "./iceberg/metadata.ts";
import { type IcebergBase, prepareIceberg } from "./iceberg/prepare.ts";
import { schemaFromDelta } from "./delta/schema.ts";
import { keyIn } from "./path.ts";
import { putCommit } from "./put-commit.ts";
import {
  type CommitOutcome,
  type DataFile,
  type Provenance,
  identifyingColumns,
  withIdentifying,
} from "./snapshot.ts";

/** What a commit does to the version before it, whichever that will be. */
export interface Change {
  readonly operation: CommitContent["operation"];
  readonly parameters: Readonly<Record<string, string>>;
  readonly reads: ReadSet;
  /** The schema after the commit, when it changes it. */
  readonly newSchema: Schema | undefined;
  /** Columns of the new schema that are identifying. */
  readonly newIdentifying: readonly string[];
  /** `undefined`: the commit is about the schema only. */
  readonly data:
    | {
        readonly adds: readonly NewFile[];
        readonly records: readonly DataFileRecord[];
        readonly removes: readonly DataFile[];
      }
    | undefined;
  readonly rows: number;
  readonly transactions: readonly { readonly appId: string; readonly version: number }[];
  readonly provenance: Provenance | undefined;
  readonly onlyIf: number | undefined;
}

/**
 * Commits a change on `base`, whose Iceberg side is `iceberg`, or on what others have committed since, as long as that does not exclude it. The
 * one put of `_delta_log/<N>.json` is the commit of both formats. Fails with `table.commit_unknown` when the
 * store does not let us find out whether it happened.
 */
export async function commit(
  store: Store,
  folder: string,
  base: LogState,
  iceberg: IcebergBase,
  change: Change,
): Promise<CommitOutcome> {
  const txnId = randomUUID();
  let state = base;
  let healed = iceberg;
  for (let attempt = 0; ; attempt++) {
    const done = settled(state, change);
    if (done !== undefined) return done;
    checkWritable(folder, state.protocol, state.metaData);
    const version = state.version + 1;
    const prepared = await prepare(store, folder, state, healed, change, txnId);
    const outcome = await putCommit(store, folder, version, prepared.body, txnId);
    if (outcome === "committed") return { kind: "committed", version, rows: change.rows };
    for (const key of prepared.keys) await store.delete(key).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(500, 10 * 2 ** attempt)));
    const newest = await replay(store, folder, undefined, state);
    if (newest === undefined || newest.version < version)
      throw new OneCopyError(
        "table.log_damaged",
        `Version ${version} of ${folder} was taken, and is not in the log.`,
      );
    for (const winner of await readCommits(store, folder, version, newest.version)) {
      const reason = conflictWith(folder, winner.actions, change.reads);
      if (reason !== undefined) return { kind: "conflict", winner: winner.version, reason };
    }
    state = newest;
    healed = await heal(store, folder, state);
  }
}

/** An outcome that needs no commit. */
function settled(state: LogState, change: Change): CommitOutcome | undefined {
  const known = change.transactions.filter(
    ({ appId, version }) => (state.transactions.get(appId) ?? -1) >= version,
  );
  if (known.length > 0 && known.length === change.transactions.length)
    return { kind: "already", version: state.version };
  if (known.length > 0)
    return {
      kind: "conflict",
      winner: state.version,
      reason: `the transaction ${known[0]!.appId} is committed already, others of this write are not`,
    };
  if (change.onlyIf !== undefined && state.version !== change.onlyIf)
    return {
      kind: "conflict",
      winner: state.version,
      reason: `the table is no longer at version ${change.onlyIf}`,
    };
  return undefined;
}

async function prepare(
  store: Store,
  folder: string,
  state: LogState,
  iceberg: IcebergBase,
  change: Change,
  txnId: string,
) {
  const timestampMs = Math.max(Date.now(), state.timestampMs + 1);
  const { metaData: before } = state;
  const delta = schemaFromDelta(folder, before.schemaString, before.configuration);
  const { schema, mustWrite } = nextSchema(delta, iceberg, change.newSchema);
  const configuration = withIdentifying(before.configuration, change.newIdentifying);
  const metaData: MetaData = {
    id: before.id,
    name: before.name,
    description: before.description,
    createdTimeMs: before.createdTime,
    schema,
    configuration,
  };
  const prepared = await prepareIceberg(store, folder, before.id, iceberg, {
    version: state.version + 1,
    timestampMs,
    schema,
    properties: configuration,
    identifying: identifyingColumns(configuration),
    data:
      change.data === undefined
        ? undefined
        : { added: change.data.records, removedPaths: new Set(change.data.removes.map(({ path }) => path)) },
  });
  const body = renderCommit({
    timestampMs,
    operation: change.operation,
    parameters: change.parameters,
    readVersion: state.version,
    isBlindAppend:
      change.operation === "WRITE" && !change.reads.replacesAll && change.data?.removes.length === 0,
    txnId,
    icebergPath: prepared.metadataKey.slice(keyIn(folder, "x").length - 1),
    provenance: change.provenance,
    protocol: undefined,
    metaData: mustWrite ? metaData : undefined,
    transactions: change.transactions,
    adds: change.data?.adds ?? [],
    removes: change.data?.removes ?? [],
  });
  return { body, keys: prepared.keys };
}

/** The ids count that the Iceberg side gave; where the Delta side does not state them, the commit does. */
function nextSchema(
  delta: Schema & { readonly idsAreWritten: boolean },
  iceberg: IcebergBase,
  wanted: Schema | undefined,
): { schema: Schema; mustWrite: boolean } {
  const healed = withIcebergIds(delta, iceberg.metadata);
  const same = delta.idsAreWritten && delta.fields.every((field, i) => field.id === healed.fields[i]!.id);
  const schema = wanted === undefined ? healed : withIcebergIds(wanted, iceberg.metadata);
  return { schema, mustWrite: wanted !== undefined || !same };
}
