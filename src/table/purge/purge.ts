import { OneCopyError } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";
import { fieldNamed, physicalName } from "../../schema/index.ts";
import type { TableAccess } from "../access.ts";
import { metaOf } from "../commit/prepare-commit.ts";
import { keptVersionsOf } from "../maintain/kept.ts";
import { oldestReadable } from "../maintain/log-listing.ts";
import { isMark, readPurged } from "../maintain/mark.ts";
import { filesOutside, isOutside } from "../elsewhere.ts";
import { keyIn } from "../path.ts";
import { clonesOf } from "./clones.ts";
import { fence } from "./fence.ts";
import { forget } from "./forget.ts";
import { type Search, holders, searchFor } from "./holders.ts";
import { incomplete } from "./incomplete.ts";
import { isGone, remainingIn } from "./remaining.ts";
import { type PurgedRows, removeRows } from "./rewrite.ts";
import { valueTables } from "./values.ts";

export interface PurgeRequest {
  /** A row goes when one of these columns is one of the values. */
  readonly columns: readonly string[];
  /** As texts: numbers, days and so on as the engine casts them. */
  readonly values: readonly string[];
  /** Also rows in which a value of four letters or more stands somewhere in a text. */
  readonly anywhere?: boolean | undefined;
}

/** Both included. */
export interface VersionRange {
  readonly from: number;
  readonly to: number;
}

export interface PurgeOutcome {
  /** The newest version. */
  readonly version: number;
  readonly rowsRemoved: number;
  readonly filesRewritten: number;
  readonly objectsDeleted: number;
  /** What retention would have kept, and can no longer be read. */
  readonly unreadable: {
    readonly versions: VersionRange | undefined;
    readonly icebergSnapshots: number;
    /** Clones are purged, too. */
    readonly clones: readonly { readonly folder: string; readonly versions: VersionRange }[];
  };
  /**
   * Where a value still stands, since it was not asked for: rows in which it is a part of a text, or a column that was
   * not named; `metadata`: what the table says of itself (names of columns, properties, comments). No column and `false`:
   * no object holds a value. `filesOutside`: data files outside the lake, which an engine committed where the server's
   * setting `catalog.files_outside` allows it; they are neither read nor written.
   */
  readonly remaining: {
    readonly columns: readonly { readonly column: string; readonly rows: number }[];
    readonly metadata: boolean;
    readonly filesOutside: number;
  };
}

const rounds = 6;

/**
 * Makes the values gone: from rows, files, statistics, logs, checkpoints, manifests, older versions, orphans and clones.
 * Whatever retention says, nothing stays of what was before but the rows of the newest version. It ends with a look at
 * every byte of every object, and begins again where a write under way brought something back. A purge that was killed
 * is finished by the next one. The values are in no log and no error. Fails with `table.column_unknown`,
 * `table.purge_blocked` or `table.purge_incomplete`.
 */
export async function purge(
  table: TableAccess,
  session: Session,
  request: PurgeRequest,
  open: (folder: string) => Promise<TableAccess>,
): Promise<PurgeOutcome> {
  const { folder } = table;
  const state = await table.state();
  const { schema } = metaOf(folder, state, await table.iceberg(state));
  for (const column of request.columns)
    if (fieldNamed(schema, column) === undefined)
      throw new OneCopyError("table.column_unknown", `${folder} has no column ${column}.`, {
        remedy: `The columns are: ${schema.fields.map(({ name }) => name).join(", ")}.`,
      });
  return await purgeWithClones(table, session, request, open, new Set());
}

/** A clone may lack a column: no row of it matches by that one. */
async function purgeWithClones(
  table: TableAccess,
  session: Session,
  request: PurgeRequest,
  open: (folder: string) => Promise<TableAccess>,
  seen: Set<string>,
): Promise<PurgeOutcome> {
  seen.add(table.folder);
  const clones: { folder: string; versions: VersionRange }[] = [];
  for (const folder of await clonesOf(table)) {
    if (seen.has(folder)) continue;
    const { unreadable } = await purgeWithClones(await open(folder), session, request, open, seen);
    if (unreadable.versions !== undefined) clones.push({ folder, versions: unreadable.versions });
    clones.push(...unreadable.clones);
  }
  const outcome = await purgeOne(table, session, request);
  return { ...outcome, unreadable: { ...outcome.unreadable, clones } };
}

async function purgeOne(table: TableAccess, session: Session, request: PurgeRequest): Promise<PurgeOutcome> {
  const { store } = table;
  const values = [...new Set(request.values)].filter((value) => value !== "");
  const tables = await valueTables(session, values);
  try {
    const quiet = quietly(table);
    const rows: PurgedRows = { columns: request.columns, anywhere: request.anywhere === true, tables };
    const columns = await columnsOf(table, request.columns);
    await table.settled();
    // What processes that died were staging goes.
    await store.stagingFolder();
    return await inRounds(quiet, rows, searchFor(session, store, values, tables, columns));
  } finally {
    await tables.drop();
  }
}

async function inRounds(table: TableAccess, rows: PurgedRows, search: Search): Promise<PurgeOutcome> {
  const { folder } = table;
  const { session } = search;
  const before = await whatThereIs(table);
  let [rowsRemoved, filesRewritten, objectsDeleted] = [0, 0, 0];
  const rewritten = new Set<string>();
  let all = await objectsOf(table);
  let found = await holdersAmong(search, all);
  for (let round = 1; round <= rounds; round++) {
    const removed = await removeRows(table, session, rows, (key) => found.has(key) && !rewritten.has(key));
    if (removed.outcome?.kind === "conflict") throw incomplete(folder, removed.outcome.reason);
    const isThere = removed.outcome === undefined && found.size === 0;
    if (round === 1 && isThere && before.isPurged)
      return {
        ...nothing,
        version: before.newest,
        remaining: { columns: [], metadata: false, filesOutside: before.filesOutside },
      };
    rowsRemoved += removed.rows;
    filesRewritten += removed.files;
    for (const key of removed.keys) rewritten.add(key);
    const version = await fence(table);
    // A checkpoint that is being written tells of what was before.
    await table.settled();
    objectsDeleted += await forget(table, version, (key) => all.has(key), found);
    all = await objectsOf(table);
    found = await holdersAmong(search, all);
    if (!(await isGone(table, session, rows, found, rewritten, version))) continue;
    const remaining = await remainingIn(table, session, rows, found);
    return {
      version: (await table.state()).version,
      rowsRemoved,
      filesRewritten,
      objectsDeleted,
      unreadable: {
        versions: { from: before.oldest, to: version - 1 },
        icebergSnapshots: before.snapshots,
        clones: [],
      },
      remaining,
    };
  }
  throw incomplete(folder, `${found.size} objects still hold a value after ${rounds} rounds`);
}

const nothing = {
  rowsRemoved: 0,
  filesRewritten: 0,
  objectsDeleted: 0,
  unreadable: { versions: undefined, icebergSnapshots: 0, clones: [] },
} satisfies Omit<PurgeOutcome, "version" | "remaining">;

/** The purge writes the checkpoint itself: one that its commits bring about would tell of files that left. */
function quietly(table: TableAccess): TableAccess {
  return {
    store: table.store,
    folder: table.folder,
    state: async () => await table.state(),
    stateAt: async (version) => await table.stateAt(version),
    iceberg: async (state) => await table.iceberg(state),
    committed: () => undefined,
    settled: async () => await table.settled(),
  };
}

async function whatThereIs(table: TableAccess) {
  const { store, folder } = table;
  const { listing, newest } = await keptVersionsOf(store, folder, Date.now());
  const purged = await readPurged(store, folder);
  const state = await table.state();
  const { metadata } = await table.iceberg(state);
  return {
    newest: newest.version,
    /** Nothing was committed since the last purge. */
    isPurged:
      purged.isFinished &&
      purged.version === newest.version &&
      listing.checkpoints.every((version) => version === purged.version),
    oldest: Math.max(purged.isFinished ? purged.version : 0, oldestReadable(listing, newest.version)),
    snapshots: metadata.snapshots.length,
    filesOutside: filesOutside(await state.files()),
  };
}

/** The names that the columns have, or have in files. */
async function columnsOf(table: TableAccess, columns: readonly string[]): Promise<string[]> {
  const state = await table.state();
  const { schema } = metaOf(table.folder, state, await table.iceberg(state));
  return columns.flatMap((name) => {
    const field = fieldNamed(schema, name);
    return field === undefined ? [name] : [name, physicalName(field)];
  });
}

/** Keys of every object in the table's folder, and of those elsewhere that a clone's newest version uses. */
async function objectsOf(table: TableAccess): Promise<Set<string>> {
  const { store, folder } = table;
  const keys = new Set<string>();
  for await (const { key } of store.list(keyIn(folder, ""))) if (!isMark(key)) keys.add(key);
  for (const { path } of await (await table.state()).files())
    if (path.startsWith("/") && !isOutside({ path })) keys.add(keyIn(folder, path));
  return keys;
}

async function holdersAmong(search: Search, all: Iterable<string>): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const key of holders(search, all)) found.add(key);
  return found;
}
