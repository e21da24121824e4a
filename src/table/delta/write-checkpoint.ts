import { closeSync, openSync, writeSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { OneCopyError, newId } from "../../base/index.ts";
import { type Session, literal } from "../../engine/index.ts";
import type { Store } from "../../storage/index.ts";
import { withLogEngine } from "../log-engine.ts";
import { readPurged } from "../maintain/mark.ts";
import { retentionOf } from "../maintain/retention.ts";
import { vectorId } from "../packed/changes.ts";
import { keyIn, versionName } from "../path.ts";
import { type ActionVisitor, readActions } from "./action.ts";
import { type CheckpointHead, isJson, readCheckpointHead, readJson, relationOf } from "./checkpoint.ts";
import type { RemoveAction } from "./file-action.ts";
import { checkWritable } from "./feature.ts";
import { commitBodies } from "./read-commits.ts";
import type { LogState } from "./replay.ts";
import { readCheckpointHint, readSegment } from "./segment.ts";
import { putSurely } from "../put-surely.ts";

export type CheckpointOutcome = "written" | "there";

/**
 * Writes the checkpoint of a state: from the one before it and the commits since, by the engine, so that its memory does
 * not grow with the table. Classic, in Parquet: the form that all readers take (FORMATS.md, "Checkpoints"). Files that left
 * within `delta.deletedFileRetentionDuration` before `now` stay in it, as the protocol wants. A checkpoint that is there is never
 * replaced; `_last_checkpoint` comes after it, and never goes back. Fails with `table.version_not_found`, also where
 * values were purged meanwhile.
 */
export async function writeCheckpoint(
  store: Store,
  folder: string,
  state: LogState,
  options: { readonly now?: number } = {},
): Promise<CheckpointOutcome> {
  checkWritable(folder, state.protocol, state.metaData);
  const { version, metaData } = state;
  const cutoff = (options.now ?? Date.now()) - retentionOf(metaData.configuration).versionsMs;
  const purgedBefore = await readPurged(store, folder);
  const segment = await readSegment(store, folder, { version });
  if (segment === undefined || segment.version !== version)
    throw new OneCopyError("table.version_not_found", `${folder} has no version ${version}.`);
  const key = keyIn(folder, `_delta_log/${versionName(version)}.checkpoint.parquet`);
  if (segment.checkpoint?.version === version) return "there";
  const head = segment.checkpoint && (await readCheckpointHead(store, folder, segment.checkpoint));
  return await withLogEngine(async (session) => {
    const id = newId();
    const actions = join(session.scratchFolder, `${id}.json`);
    const staged = join((await store.stagingFolder()) ?? session.scratchFolder, id);
    try {
      await writeActions(
        actions,
        async (visitor) => {
          if (head !== undefined && isJson(head.checkpoint)) await readJson(store, head.checkpoint, visitor);
          for await (const { commit, body } of commitBodies(store, segment.commits))
            readActions(commit.entry.key, body, visitor);
        },
        state,
        head,
      );
      await mkdir(staged, { recursive: true });
      const file = join(staged, "checkpoint.parquet");
      const before = await keptFrom(session, store, head);
      const hasVectors = (state.protocol.writerFeatures ?? []).includes("deletionVectors");
      await session.run(
        `COPY (${checkpointSql(literal(actions), before, cutoff, hasVectors)}) TO ${literal(file)} (FORMAT parquet)`,
      );
      const [counts] = await session.rows<{ size: number; adds: number }>(
        `SELECT count(*) AS size, count("add"."path") AS adds FROM read_parquet(${literal(file)})`,
      );
      const outcome = await adopted(store, file, key);
      // What was read of the log may be just what a purge took from it.
      const purgedAfter = await readPurged(store, folder);
      const isPurged =
        outcome.kind === "written" &&
        (purgedAfter.version !== purgedBefore.version || purgedAfter.isFinished !== purgedBefore.isFinished);
      if (isPurged) {
        await store.delete(key);
        throw new OneCopyError(
          "table.version_not_found",
          `Version ${version} of ${folder} was purged meanwhile.`,
        );
      }
      await putHint(store, folder, version, { ...counts!, sizeInBytes: outcome.sizeBytes });
      return outcome.kind;
    } finally {
      await rm(actions, { force: true });
      await rm(staged, { recursive: true, force: true });
    }
  });
}

/** Whether so many versions have come since the last checkpoint as `delta.checkpointInterval` says (default 100). */
export function isCheckpointDue({
  version,
  checkpointVersion,
  metaData,
}: Pick<LogState, "version" | "checkpointVersion" | "metaData">): boolean {
  return version - (checkpointVersion ?? 0) >= checkpointInterval(metaData);
}

export function checkpointInterval({ configuration }: LogState["metaData"]): number {
  const stated = Number(configuration["delta.checkpointInterval"]);
  return Number.isSafeInteger(stated) && stated > 0 ? stated : 100;
}

type Replay = (visitor: ActionVisitor) => Promise<void>;

/** The actions since the last checkpoint, each with its place, and what is in force of those about the table: a line each. */
async function writeActions(
  path: string,
  replay: Replay,
  state: LogState,
  head: CheckpointHead | undefined,
): Promise<void> {
  const file = openSync(path, "wx", 0o600);
  try {
    let lines: string[] = [];
    let [seq, length] = [0, 0];
    const write = (action: object): void => {
      const line = `${JSON.stringify({ seq: seq++, ...action })}\n`;
      lines.push(line);
      length += line.length;
      if (length > 2 ** 22) flush();
    };
    const flush = (): void => {
      writeSync(file, lines.join(""));
      [lines, length] = [[], 0];
    };
    const transactions = new Map(head?.transactions.map((action) => [action.appId, action]));
    const domains = new Map(head?.domains.map((action) => [action.domain, action]));
    await replay({
      add: (add) => write({ key: fileKey(add.path, add), add: { ...add, dataChange: false } }),
      remove: (remove) => write({ key: fileKey(remove.path, remove), remove: renderRemove(remove) }),
      txn: (action) => transactions.set(action.appId, action),
      domainMetadata: (action) => domains.set(action.domain, action),
    });
    write({ protocol: state.protocol });
    write({ metaData: { ...state.metaData, format: { provider: "parquet", options: {} } } });
    for (const txn of transactions.values()) write({ txn });
    for (const domainMetadata of domains.values()) if (!domainMetadata.removed) write({ domainMetadata });
    flush();
  } finally {
    closeSync(file);
  }
}

function renderRemove(remove: RemoveAction): object {
  return { ...remove, dataChange: false, extendedFileMetadata: remove.size !== undefined };
}

/** How a file is known: by its decoded path and its deletion vector. */
function fileKey(path: string, file: Parameters<typeof vectorId>[0]): string {
  return `${decoded(path)}?${vectorId(file)}`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const vectorType =
  'STRUCT(storageType VARCHAR, pathOrInlineDv VARCHAR, "offset" INTEGER, sizeInBytes INTEGER, cardinality BIGINT)';
const textMap = "MAP(VARCHAR, VARCHAR)";
const [addFields, removeFields] = [
  {
    path: "VARCHAR",
    partitionValues: textMap,
    size: "BIGINT",
    modificationTime: "BIGINT",
    dataChange: "BOOLEAN",
    stats: "VARCHAR",
    tags: textMap,
  },
  {
    path: "VARCHAR",
    deletionTimestamp: "BIGINT",
    dataChange: "BOOLEAN",
    extendedFileMetadata: "BOOLEAN",
    partitionValues: textMap,
    size: "BIGINT",
  },
];
const actionTypes = {
  txn: "STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)",
  metaData: `STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options ${textMap}), schemaString VARCHAR, partitionColumns VARCHAR[], createdTime BIGINT, configuration ${textMap})`,
  protocol:
    "STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])",
  domainMetadata: "STRUCT(domain VARCHAR, configuration VARCHAR, removed BOOLEAN)",
};

function structType(fields: Readonly<Record<string, string>>): string {
  return `STRUCT(${Object.entries(fields)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(", ")})`;
}

/** The files of the checkpoint before, as relations with `key` and `action`. */
interface Kept {
  readonly adds: string | undefined;
  readonly removes: string | undefined;
}

async function keptFrom(session: Session, store: Store, head: CheckpointHead | undefined): Promise<Kept> {
  const keys =
    head === undefined ? [] : [...(isJson(head.checkpoint) ? [] : head.checkpoint.keys), ...head.sidecars];
  if (keys.length === 0) return { adds: undefined, removes: undefined };
  const { sql, columns } = await relationOf(session, store, keys);
  const kept = async (
    name: "add" | "remove",
    fields: Readonly<Record<string, string>>,
  ): Promise<string | undefined> => {
    if (!columns.get(name)?.startsWith("STRUCT(")) return undefined;
    const there = new Set(
      (await session.describe(`SELECT unnest("${name}") FROM ${sql}`)).map((column) => column.name),
    );
    const value = (field: string): string => {
      if (field === "stats" && there.has("stats_parsed"))
        return `coalesce("${name}"."stats", CASE WHEN "${name}"."stats_parsed" IS NOT NULL THEN to_json("${name}"."stats_parsed")::VARCHAR END)`;
      return there.has(field) ? `"${name}"."${field}"` : "NULL";
    };
    const vector = there.has("deletionVector") ? `"${name}"."deletionVector"` : undefined;
    const part = (field: string): string => `${vector}."${field}"`;
    const id =
      vector === undefined
        ? "''"
        : `CASE WHEN ${part("storageType")} IS NULL THEN '' ELSE concat(${part("storageType")}, ${part("pathOrInlineDv")}, '@', ${part("offset")}) END`;
    const dv =
      vector === undefined
        ? "NULL"
        : `CASE WHEN ${part("storageType")} IS NOT NULL THEN struct_pack(storageType := ${part("storageType")}, pathOrInlineDv := ${part("pathOrInlineDv")}, "offset" := ${part("offset")}, sizeInBytes := ${part("sizeInBytes")}, cardinality := ${part("cardinality")}) END`;
    const members = Object.entries(fields).map(
      ([field, type]) => `"${field}" := CAST(${value(field)} AS ${type})`,
    );
    return `SELECT concat(url_decode("${name}"."path"), '?', ${id}) AS key, struct_pack(${members.join(", ")}, "deletionVector" := CAST(${dv} AS ${vectorType})) AS action FROM ${sql} WHERE "${name}"."path" IS NOT NULL`;
  };
  return { adds: await kept("add", addFields), removes: await kept("remove", removeFields) };
}

/** Delta protocol, "Checkpoint Schema": a row for each action that is in force, the columns of the others null. */
function checkpointSql(actions: string, before: Kept, cutoff: number, hasVectors: boolean): string {
  const fileTypes = [addFields, removeFields].map((fields) =>
    structType({ ...fields, deletionVector: vectorType }),
  );
  const types = { add: fileTypes[0]!, remove: fileTypes[1]!, ...actionTypes };
  const columns = Object.entries(types).map(([name, type]) => `"${name}": ${literal(type)}`);
  const shape = (name: keyof typeof types, from: string, value = `"${name}"`): string =>
    `SELECT ${Object.entries(types)
      .map(([column, type]) => `${column === name ? value : `CAST(NULL AS ${type})`} AS "${column}"`)
      .join(", ")} FROM ${from}`;
  const recent = (remove: string): string => `coalesce(${remove}."deletionTimestamp", 0) > ${cutoff}`;
  const untouched = "key NOT IN (SELECT key FROM newest)";
  const rows = [
    ...(["protocol", "metaData", "txn", "domainMetadata"] as const).map((name) =>
      shape(name, `actions WHERE "${name}" IS NOT NULL`),
    ),
    ...(before.adds === undefined ? [] : [shape("add", `(${before.adds}) WHERE ${untouched}`, "action")]),
    shape("add", `newest WHERE "add" IS NOT NULL`),
    ...(before.removes === undefined
      ? []
      : [shape("remove", `(${before.removes}) WHERE ${untouched} AND ${recent("action")}`, "action")]),
    shape("remove", `newest WHERE "add" IS NULL AND ${recent('"remove"')}`),
  ];
  // A table without deletion vectors has the narrower form, which more readers were tried with.
  const without = (name: string): string =>
    `CASE WHEN "${name}" IS NOT NULL THEN struct_pack(${Object.keys(name === "add" ? addFields : removeFields)
      .map((field) => `"${field}" := "${name}"."${field}"`)
      .join(", ")}) END AS "${name}"`;
  const narrow = hasVectors ? "*" : `* REPLACE (${without("add")}, ${without("remove")})`;
  return `WITH actions AS MATERIALIZED (SELECT * FROM read_json(${actions}, format = 'newline_delimited', maximum_object_size = ${64 * 2 ** 20}, columns = {seq: 'BIGINT', key: 'VARCHAR', ${columns.join(", ")}})),
    newest AS MATERIALIZED (SELECT key, "add", "remove" FROM actions WHERE key IS NOT NULL QUALIFY row_number() OVER (PARTITION BY key ORDER BY seq DESC) = 1)
    SELECT ${narrow} FROM (${rows.join(" UNION ALL ")})`;
}

async function adopted(
  store: Store,
  file: string,
  key: string,
): Promise<{ kind: CheckpointOutcome; sizeBytes: number }> {
  try {
    return { kind: "written", ...(await store.adopt(file, key)) };
  } catch (error) {
    if (!(error instanceof OneCopyError && error.code === "storage.exists")) throw error;
    const found = await store.head(key);
    return { kind: "there", sizeBytes: found.kind === "found" ? found.entry.sizeBytes : 0 };
  }
}

/** Delta protocol, "Last Checkpoint File". A hint: one that is missing, or too old, costs a longer listing. */
async function putHint(
  store: Store,
  folder: string,
  version: number,
  { size, adds, sizeInBytes }: { readonly size: number; readonly adds: number; readonly sizeInBytes: number },
): Promise<void> {
  const key = keyIn(folder, "_delta_log/_last_checkpoint");
  const before = await readCheckpointHint(store, folder);
  if (before !== undefined && before >= version) return;
  await putSurely(store, key, JSON.stringify({ version, size, sizeInBytes, numOfAddFiles: adds }));
}
