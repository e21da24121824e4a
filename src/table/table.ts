import { OneCopyError } from "../base/index.ts";
import type { Session } from "../engine/index.ts";
import type { Store } from "../storage/index.ts";
import type { IcebergSide, TableAccess } from "./access.ts";
import { type TableDefinition, create } from "./create.ts";
import { type LogState, replay } from "./delta/replay.ts";
import { hasCommit } from "./delta/segment.ts";
import { type Blocked, type HealOutcome, type Healed, heal } from "./heal/heal.ts";
import {
  type IcebergCommitOutcome,
  type IcebergCommitRequest,
  type TableUpdate,
  commitIceberg,
  createFromIceberg,
} from "./foreign/index.ts";
import { whyBehind } from "./heal/why-behind.ts";
import type { TableChange } from "./evolve/evolution.ts";
import { cloneTable } from "./evolve/clone.ts";
import { evolve } from "./evolve/evolve.ts";
import { replaceTable } from "./evolve/replace.ts";
import { restore } from "./evolve/restore.ts";
import { setProperties } from "./evolve/set-properties.ts";
import type { VersionTarget } from "./evolve/version-at.ts";
import { CheckpointTurns } from "./maintain/checkpoint-turn.ts";
import { type CompactOptions, type CompactOutcome, compact } from "./maintain/compact.ts";
import { type DropOutcome, dropTable, isBeingDropped } from "./maintain/drop.ts";
import { type VersionEntry, history } from "./maintain/history.ts";
import { type InventoryObject, inventory } from "./maintain/inventory.ts";
import { type MaintainOptions, type MaintainOutcome, maintain } from "./maintain/maintain.ts";
import { keepsLog } from "./maintain/retention.ts";
import { type VacuumOptions, type VacuumOutcome, vacuum } from "./maintain/vacuum.ts";
import { type PurgeOutcome, type PurgeRequest, purge } from "./purge/purge.ts";
import { icebergSideOf, notFound, snapshotOf } from "./read.ts";
import { type CommitOutcome, type Snapshot } from "./snapshot.ts";
import { type ChangesRequest, changes } from "./changes/changes.ts";
import { type ChangedFiles, type VersionHead, changedFiles, headOf } from "./changes/changed-files.ts";
import { deleteRows } from "./write/delete.ts";
import { mergeRows } from "./write/merge.ts";
import type { DeleteRequest, MergeRequest, UpdateRequest, WriteRequest } from "./write/request.ts";
import { updateRows } from "./write/update.ts";
import { write } from "./write/write.ts";

/** A log is listed again when nobody has looked for so long. */
const looksAgainAfterMs = 60_000;

/** A table of the lake, readable as Delta and as Iceberg at every version. */
export class Table implements TableAccess {
  private newest: LogState | undefined;
  /** When it was that for sure. */
  private newestAtMs = 0;
  /** The newest Iceberg side that was seen, and a version from which what it shows can be replayed. */
  private known: { readonly side: IcebergSide; readonly state: LogState } | undefined;
  private healing: { readonly version: number; readonly outcome: Promise<HealOutcome> } | undefined;
  private stuck: { readonly version: number; readonly outcome: HealOutcome } | undefined;
  private readonly checkpoints = new CheckpointTurns();

  private constructor(
    readonly store: Store,
    readonly folder: string,
  ) {}

  /** Makes version 0, without rows. `conflict`: there is a table already. */
  static async create(store: Store, folder: string, definition: TableDefinition): Promise<CommitOutcome> {
    return await create(store, folder, definition);
  }

  /** Makes version 0 as an Iceberg writer wants it, perhaps with rows; see {@link createFromIceberg}. */
  static async createFromIceberg(
    store: Store,
    folder: string,
    updates: readonly TableUpdate[],
    options?: { readonly filesOutside?: boolean },
  ): Promise<"created" | "conflict"> {
    return await createFromIceberg(store, folder, updates, options);
  }

  /** Deletes a table and all its history for good; see {@link dropTable}. */
  static async drop(store: Store, folder: string): Promise<DropOutcome> {
    return await dropTable(store, folder);
  }

  /** A drop of it began and did not end; see {@link isBeingDropped}. */
  static async isBeingDropped(store: Store, folder: string): Promise<boolean> {
    return await isBeingDropped(store, folder);
  }

  /** Fails with `table.not_found`. */
  static async open(store: Store, folder: string): Promise<Table> {
    const table = new Table(store, folder);
    await table.state();
    return table;
  }

  /** The newest version as of now, or `version`. Fails with `table.version_not_found`, and as `readDeltaSnapshot` does. */
  async snapshot(version?: number): Promise<Snapshot> {
    const state = version === undefined ? await this.readState() : await this.stateAt(version);
    return await snapshotOf(this.store, this.folder, state);
  }

  /** The newest version as of now and its Iceberg side, without a look at its files. Fails as {@link snapshot} does. */
  async icebergSide(): Promise<Pick<Snapshot, "version" | "iceberg">> {
    return await icebergSideOf(this.store, this.folder, await this.readState());
  }

  /** One commit; see {@link WriteRequest}. A table that somebody else changes meanwhile gives a conflict only where that excludes this write. */
  async write(session: Session, request: WriteRequest): Promise<CommitOutcome> {
    return await write(this, session, request);
  }

  /** Deletes the rows for which a condition is true. */
  async delete(session: Session, request: DeleteRequest): Promise<CommitOutcome> {
    return await deleteRows(this, session, request);
  }

  /** Sets columns of the rows for which a condition is true. */
  async update(session: Session, request: UpdateRequest): Promise<CommitOutcome> {
    return await updateRows(this, session, request);
  }

  /** Puts rows in by key: replaces those that are there, adds the others, deletes those that are marked. */
  async merge(session: Session, request: MergeRequest): Promise<CommitOutcome> {
    return await mergeRows(this, session, request);
  }

  /** What happened to rows between two versions, as a relation: see {@link changes}. */
  async changes(session: Session, request: ChangesRequest): Promise<string> {
    return await changes(this, session, request);
  }

  /** What happened between two versions, both included, told by files: see {@link changedFiles}. */
  async changedFiles(range: {
    readonly from: number;
    readonly to?: number | undefined;
  }): Promise<ChangedFiles> {
    return await changedFiles(this, range);
  }

  /** The newest version as of now, or `version`, without its files: its number, its time, what it says of the table. */
  async head(version?: number): Promise<VersionHead> {
    return headOf(version === undefined ? await this.readState() : await this.stateAt(version));
  }

  /** Changes the schema in one commit; see `evolve`. Columns that come, go or change their form. */
  async evolve(session: Session, changes: readonly TableChange[]): Promise<CommitOutcome> {
    return await evolve(this, session, changes);
  }

  /** Sets and takes away properties; see `setProperties`. */
  async setProperties(
    session: Session,
    set: Readonly<Record<string, string>>,
    unset: readonly string[] = [],
  ): Promise<CommitOutcome> {
    return await setProperties(this, session, set, unset);
  }

  /** Makes what an Iceberg writer asks for the next version of both formats; see {@link commitIceberg}. */
  async commitIceberg(request: IcebergCommitRequest): Promise<IcebergCommitOutcome> {
    return await commitIceberg(this, request);
  }

  /** Makes the table what it was; see `restore`. */
  async restore(target: VersionTarget): Promise<CommitOutcome> {
    return await restore(this, target);
  }

  /** Another schema, other properties and rows in one commit; see `replaceTable`. */
  async replace(session: Session, definition: TableDefinition, query?: string): Promise<CommitOutcome> {
    return await replaceTable(this, session, definition, query);
  }

  /** A table in another folder of the store with the same rows, none of them copied; see `cloneTable`. */
  async clone(folder: string, version?: number): Promise<CommitOutcome> {
    return await cloneTable(this, folder, version);
  }

  /**
   * Brings the Iceberg side up to the newest version, after foreign Delta writers. Makes no version. `blocked`: why it
   * stays behind.
   */
  async heal(): Promise<Healed> {
    const { side, blocked } = await this.healed(await this.state());
    return {
      iceberg: side && { metadataKey: side.metadataKey, version: side.version },
      blocked,
    };
  }

  /** Why healing will not bring the Iceberg side up to the newest version; see {@link whyBehind}. Writes nothing. */
  async whyBehind(): Promise<Blocked | undefined> {
    return await whyBehind(this.store, this.folder, await this.state());
  }

  /** Does whatever of the table's upkeep is due, and nothing else; see {@link maintain}. */
  async maintain(session: Session, options?: MaintainOptions): Promise<MaintainOutcome> {
    return await maintain(this, session, options);
  }

  /** Writes small files together, and files with many deleted rows anew; see {@link compact}. */
  async compact(session: Session, options?: CompactOptions): Promise<CompactOutcome> {
    return await compact(this, session, options);
  }

  /** Deletes what no version that is kept needs, in either format; see {@link vacuum}. */
  async vacuum(options?: VacuumOptions): Promise<VacuumOutcome> {
    return await vacuum(this, options);
  }

  /**
   * Makes values gone from every object of the table and of its clones, whatever retention says: only the newest version
   * is left. Says what became unreadable, and where a value still stands; see {@link purge}.
   */
  async purge(session: Session, request: PurgeRequest): Promise<PurgeOutcome> {
    return await purge(this, session, request, (folder) => Table.open(this.store, folder));
  }

  /** Every object in the table's folder, with what it is and who needs it; streamed. */
  inventory(options?: { readonly nowMs?: number }): AsyncIterable<InventoryObject> {
    return inventory(this, options);
  }

  /** What was committed, the newest first; see {@link history}. */
  async history(options?: { readonly limit?: number }): Promise<VersionEntry[]> {
    return await history(this, options);
  }

  /** Only what came since the last time is read. */
  async state(): Promise<LogState> {
    const startedMs = Date.now();
    this.newest = await replay(this.store, this.folder, undefined, this.newest);
    this.newestAtMs = startedMs;
    if (this.newest === undefined) throw notFound(this.store, this.folder);
    return this.newest;
  }

  /**
   * As {@link state}, for who only reads, and so mostly finds what was there before: one small request instead of a listing. That the
   * next version is not there says all, as long as it cannot have come and been cleaned up since.
   */
  private async readState(): Promise<LogState> {
    const { newest } = this;
    const nowMs = Date.now();
    const isRecent = Math.abs(nowMs - this.newestAtMs) < looksAgainAfterMs;
    if (newest === undefined || !isRecent || !keepsLog(newest.metaData.configuration, looksAgainAfterMs))
      return await this.state();
    if (await hasCommit(this.store, this.folder, newest.version + 1)) return await this.state();
    if (this.newest === newest) this.newestAtMs = nowMs;
    return newest;
  }

  async stateAt(version: number): Promise<LogState> {
    if (!Number.isSafeInteger(version) || version < 0)
      throw new OneCopyError("table.version_not_found", `${this.folder} has no version ${version}.`);
    const state = await replay(this.store, this.folder, version, this.newest);
    if (state === undefined) throw notFound(this.store, this.folder);
    return state;
  }

  async iceberg(state: LogState): Promise<IcebergSide> {
    const { side, blocked } = await this.healed(state);
    if (side?.version === state.version) return side;
    throw new OneCopyError(
      "table.iceberg_behind",
      `Version ${blocked?.version ?? state.version} of ${this.folder}, which another writer made, cannot be held by Iceberg: ${blocked?.reason ?? "it cannot be read any more"}`,
      {
        remedy:
          "The Iceberg side stays at the version before, and OneCopy writes nothing on top. Undo that change with the engine that made it (or restore the version before), then write again.",
      },
    );
  }

  committed(side: IcebergSide, before: LogState): void {
    this.known = { side, state: before };
    this.checkpoints.committed(this, side.version, before);
  }

  async settled(): Promise<void> {
    await this.checkpoints.settled();
  }

  /** Of many who ask at once one heals, and the others wait for that. What could not be held is tried again when there is another version. */
  private async healed(state: LogState): Promise<HealOutcome> {
    const { version } = state;
    if (this.stuck?.version === version) return this.stuck.outcome;
    while (this.healing !== undefined && this.healing.version !== version)
      await this.healing.outcome.catch(() => undefined);
    this.healing ??= { version, outcome: this.heals(state) };
    return await this.healing.outcome;
  }

  private async heals(state: LogState): Promise<HealOutcome> {
    try {
      const outcome = await heal(this.store, this.folder, state, this.known);
      if (outcome.side !== undefined) this.known = { side: outcome.side, state };
      if (outcome.blocked !== undefined) this.stuck = { version: state.version, outcome };
      return outcome;
    } finally {
      this.healing = undefined;
    }
  }
}
