import { OneCopyError } from "../../base/index.ts";
import type { ObjectEntry, Store } from "../../storage/index.ts";
import { keyIn, versionName } from "../path.ts";
import { type CheckpointFiles, maxJsonBytes } from "./checkpoint.ts";

/** What has to be read for one version: a checkpoint, if there is one, and the commits after it. */
export interface LogSegment {
  readonly version: number;
  readonly checkpoint: CheckpointFiles | undefined;
  /** The commit of the checkpoint's version, while it is there: no checkpoint says what a commitInfo says. */
  readonly checkpointCommit: CommitFile | undefined;
  /** Of the newest checkpoint that was seen, at whatever version. */
  readonly newestCheckpoint: number | undefined;
  /** In order, one for each version after the checkpoint. */
  readonly commits: readonly CommitFile[];
}

export interface CommitFile {
  readonly version: number;
  readonly entry: ObjectEntry;
}

interface Checkpoint extends CheckpointFiles {
  readonly parts: number;
  readonly keys: string[];
}

/**
 * Lists the log once. `after`: the commits that come after this version (already replayed by the caller); where those
 * were cleaned up since, the segment begins with a checkpoint, as without `after`.
 * `undefined`: there is no table. Fails with `table.version_not_found` or `table.log_damaged`.
 */
export async function readSegment(
  store: Store,
  folder: string,
  options: { readonly version?: number | undefined; readonly after?: number | undefined },
): Promise<LogSegment | undefined> {
  const log = keyIn(folder, "_delta_log/");
  const { version, after } = options;
  // Of who goes on by one version the log need not be listed.
  if (version !== undefined && version - 1 === after) {
    const found = await store.head(commitKey(folder, version));
    if (found.kind === "found") {
      const commits = [{ version, entry: found.entry }];
      return segment(folder, { commits, checkpoints: [] }, version, { version: after });
    }
  }
  const hint = after ?? (await readCheckpointHint(store, folder));
  const usable = hint !== undefined && (version === undefined || hint <= version);
  const listed = await listLog(store, log, usable ? hint : undefined);
  if (after !== undefined) {
    const next = listed.commits.find((commit) => commit.version > after);
    const isCleanedUp = next?.version !== after + 1 && listed.checkpoints.some((one) => one.version > after);
    return segment(folder, listed, version, isCleanedUp ? undefined : { version: after });
  }
  // A hint that points beyond what is there is stale: nothing depends on it.
  if (usable && listed.checkpoints.length === 0)
    return segment(folder, await listLog(store, log, undefined), version, undefined);
  return segment(folder, listed, version, undefined);
}

/** Whether the log has the commit of a version: one small request. */
export async function hasCommit(store: Store, folder: string, version: number): Promise<boolean> {
  return (await store.head(commitKey(folder, version))).kind === "found";
}

function commitKey(folder: string, version: number): string {
  return keyIn(folder, `_delta_log/${versionName(version)}.json`);
}

function segment(
  folder: string,
  listed: { readonly commits: readonly CommitFile[]; readonly checkpoints: readonly CheckpointFiles[] },
  version: number | undefined,
  replayed: { readonly version: number } | undefined,
): LogSegment | undefined {
  const newest = Math.max(
    listed.commits.at(-1)?.version ?? -1,
    listed.checkpoints.at(-1)?.version ?? -1,
    replayed?.version ?? -1,
  );
  if (newest < 0) return undefined;
  const target = version ?? newest;
  if (target > newest) throw versionNotFound(folder, target, `the newest is ${newest}`);
  const checkpoint =
    replayed === undefined ? listed.checkpoints.findLast((one) => one.version <= target) : undefined;
  const start = (replayed ?? checkpoint)?.version ?? -1;
  const commits = listed.commits.filter((commit) => commit.version > start && commit.version <= target);
  commits.forEach((commit, i) => {
    if (commit.version !== start + 1 + i) throw missing(folder, start + 1 + i, commits[0]!.version, target);
    if (commit.entry.sizeBytes > maxJsonBytes)
      throw new OneCopyError(
        "table.log_damaged",
        `${commit.entry.key} has ${commit.entry.sizeBytes} bytes; up to ${maxJsonBytes} are read.`,
      );
  });
  if (commits.length !== target - start) throw missing(folder, start + 1 + commits.length, start + 1, target);
  return {
    version: target,
    checkpoint,
    checkpointCommit: checkpoint && listed.commits.find((commit) => commit.version === checkpoint.version),
    newestCheckpoint: listed.checkpoints.at(-1)?.version,
    commits,
  };
}

/** The commits and the complete checkpoints of a log, in order, from a version on. */
export async function listLog(store: Store, log: string, from: number | undefined) {
  const commits: CommitFile[] = [];
  const checkpoints = new Map<string, Checkpoint>();
  // `…12` sorts before `…12.json` and after `…11.json`.
  const startAfter = from === undefined ? {} : { startAfter: `${log}${versionName(from)}` };
  for await (const entry of store.list(log, startAfter)) {
    const name = entry.key.slice(log.length);
    // Behind the digits: `_last_checkpoint`, and a folder of sidecars.
    if (name > "_") break;
    const match = /^(\d{20})\.(json|checkpoint\b.*)$/.exec(name);
    const version = Number(match?.[1]);
    if (match === null || !Number.isSafeInteger(version)) continue;
    if (match[2] === "json") commits.push({ version, entry });
    else noteCheckpoint(checkpoints, version, match[2]!, entry);
  }
  const complete = [...checkpoints.values()].filter((one) => one.keys.length === one.parts);
  return { commits, checkpoints: complete.sort((a, b) => a.version - b.version) };
}

function noteCheckpoint(
  into: Map<string, Checkpoint>,
  version: number,
  rest: string,
  entry: ObjectEntry,
): void {
  const { key, modifiedMs } = entry;
  const parts = /^checkpoint\.(\d{10})\.(\d{10})\.parquet$/.exec(rest);
  const isWhole = /^checkpoint\.(parquet|[0-9a-f-]{36}\.(parquet|json))$/i.test(rest);
  if (isWhole) into.set(key, { version, parts: 1, keys: [key], modifiedMs });
  else if (parts !== null) {
    const known = into.get(`${version}/${parts[2]}`);
    if (known === undefined)
      into.set(`${version}/${parts[2]}`, { version, parts: Number(parts[2]), keys: [key], modifiedMs });
    else known.keys.push(key);
  }
}

/** The version that `_last_checkpoint` names. It may be out of date, or broken: nothing may depend on it. */
export async function readCheckpointHint(store: Store, folder: string): Promise<number | undefined> {
  const found = await store.get(keyIn(folder, "_delta_log/_last_checkpoint"));
  if (found.kind === "absent" || found.body.length > 2 ** 20) return undefined;
  try {
    const { version } = JSON.parse(new TextDecoder().decode(found.body)) as { version?: unknown };
    return Number.isSafeInteger(version) && (version as number) >= 0 ? (version as number) : undefined;
  } catch {
    return undefined;
  }
}

function versionNotFound(folder: string, version: number, known: string): OneCopyError {
  return new OneCopyError(
    "table.version_not_found",
    `The table ${folder} has no version ${version}; ${known}.`,
  );
}

function missing(folder: string, version: number, oldest: number, target: number): OneCopyError {
  if (version === 0 || oldest === target)
    return versionNotFound(
      folder,
      target,
      `its log begins later than that, without a checkpoint that could be read`,
    );
  return new OneCopyError(
    "table.log_damaged",
    `The log of ${folder} lacks version ${version}, which is needed for version ${target}.`,
    { remedy: "Restore the file from a backup of the lake; without it later versions cannot be known." },
  );
}
