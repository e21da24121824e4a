import { OneCopyError, messageOf } from "../../base/index.ts";
import { type Session, addresses, textList } from "../../engine/index.ts";
import type { Store } from "../../storage/index.ts";
import type { Elsewhere } from "../elsewhere.ts";
import { withLogEngine } from "../log-engine.ts";
import type { PackedFiles } from "../packed/files.ts";
import { PackedFileSet } from "../packed/set.ts";
import { FileChanges } from "../packed/changes.ts";
import { escapedPattern, keyIn } from "../path.ts";
import type { FileSet } from "../file-set.ts";
import {
  type ActionVisitor,
  type DomainAction,
  type MetaDataAction,
  type ProtocolAction,
  type TransactionAction,
  readActions,
  visitAction,
} from "./action.ts";
import { type CheckpointRelation, fileBlocks, holdsActions } from "./checkpoint-files.ts";
import { dataFile } from "./data-file.ts";
import { parseBounded } from "./json.ts";

/** A checkpoint as it is listed: one file, or the parts of one. */
export interface CheckpointFiles {
  readonly version: number;
  readonly keys: readonly string[];
  readonly modifiedMs: number;
}

/** What a checkpoint says about the table itself. */
export interface CheckpointHead {
  readonly checkpoint: CheckpointFiles;
  readonly protocol: ProtocolAction | undefined;
  readonly metaData: MetaDataAction | undefined;
  readonly transactions: readonly TransactionAction[];
  readonly domains: readonly DomainAction[];
  /** Keys of the files that list the data files of a v2 checkpoint. */
  readonly sidecars: readonly string[];
}

/** JSON of a checkpoint's top level, and of a commit. */
export const maxJsonBytes = 256 * 2 ** 20;
const maxActionBytes = 16 * 2 ** 20;
const maxHeadActions = 1_000_000;

/**
 * Reads a checkpoint but for its files (Delta protocol, "Checkpoints"): classic in one part or several, or v2, as
 * Parquet or JSON, with sidecars. Fails with `table.log_damaged`.
 */
export async function readCheckpointHead(
  store: Store,
  folder: string,
  checkpoint: CheckpointFiles,
): Promise<CheckpointHead> {
  const transactions: TransactionAction[] = [];
  const domains: DomainAction[] = [];
  const sidecars: string[] = [];
  let metaData: MetaDataAction | undefined;
  let protocol: ProtocolAction | undefined;
  const visitor: ActionVisitor = {
    txn: (action) => transactions.push(action),
    metaData: (action) => (metaData = action),
    protocol: (action) => (protocol = action),
    domainMetadata: (action) => domains.push(action),
    sidecar: ({ path }) => sidecars.push(sidecarKey(folder, path)),
  };
  await damaged(checkpoint.keys, async () => {
    if (isJson(checkpoint)) await readJson(store, checkpoint, visitor);
    else
      await withLogEngine(async (session) => {
        for (const action of await headActions(session, store, checkpoint.keys)) visitAction(action, visitor);
      });
  });
  return { checkpoint, protocol, metaData, transactions, domains, sidecars };
}

/** What it takes to read a checkpoint's files. */
export interface CheckpointFilesSource extends Pick<CheckpointHead, "checkpoint" | "sidecars"> {
  readonly outside: Elsewhere;
}

/** The data files of a checkpoint, in batches of bounded size; see {@link readCheckpointHead}. */
export async function readCheckpointFiles(
  store: Store,
  { checkpoint, sidecars, outside }: CheckpointFilesSource,
): Promise<FileSet> {
  return await damaged(checkpoint.keys, async () => {
    const inline = new FileChanges();
    if (isJson(checkpoint))
      await readJson(store, checkpoint, { add: (action) => inline.add(dataFile(action, outside)) });
    const keys = [...(isJson(checkpoint) ? [] : checkpoint.keys), ...sidecars];
    const blocks: PackedFiles[] = [];
    if (keys.length > 0)
      await withLogEngine(async (session) => {
        for (const key of keys) {
          const relation = await relationOf(session, store, [key]);
          for await (const block of fileBlocks(session, relation, outside)) {
            blocks.push(block);
            PackedFileSet.keepWithin(blocks);
          }
        }
      });
    return PackedFileSet.of(blocks).changed([inline]);
  });
}

export function isJson({ keys }: CheckpointFiles): boolean {
  return keys[0]!.endsWith(".json");
}

export async function readJson(
  store: Store,
  { keys }: CheckpointFiles,
  visitor: ActionVisitor,
): Promise<void> {
  const head = await store.head(keys[0]!);
  if (head.kind === "found" && head.entry.sizeBytes > maxJsonBytes)
    throw new RangeError(`${head.entry.sizeBytes} bytes; up to ${maxJsonBytes} are read`);
  const found = await store.get(keys[0]!);
  if (found.kind === "absent") throw new Error("it is no longer there: the log was cleaned up meanwhile");
  readActions(keys[0]!, found.body, visitor);
}

/** Delta protocol, "Sidecar File Information": whatever folder the path names, the file is in `_sidecars/` of this log. */
function sidecarKey(folder: string, path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (!/^[\w.-]{1,200}\.parquet$/.test(name) || name.startsWith("."))
    throw new OneCopyError(
      "table.path_outside",
      `A checkpoint in ${folder} names the sidecar ${path.slice(0, 200)}.`,
      {
        remedy: "A sidecar is a Parquet file in _delta_log/_sidecars/. Have a new checkpoint written.",
      },
    );
  return keyIn(folder, `_delta_log/_sidecars/${name}`);
}

export async function relationOf(
  session: Session,
  store: Store,
  keys: readonly string[],
): Promise<CheckpointRelation> {
  const files = textList((await addresses(session, store, keys)).map(escapedPattern));
  const options = "union_by_name = true, hive_partitioning = false, binary_as_string = true";
  const sql = `read_parquet(${files}, ${options})`;
  const columns = await session.describe(`SELECT * FROM ${sql}`);
  return {
    files,
    sql,
    numberedSql: `read_parquet(${files}, ${options}, file_row_number = true)`,
    columns: new Map(columns.map(({ name, type }) => [name, type])),
  };
}

/** By which field one sees that an action is there: some writers leave a struct of nulls for one that is not. */
const headFields = {
  protocol: "minReaderVersion",
  metaData: "id",
  txn: "appId",
  domainMetadata: "domain",
  sidecar: "path",
} as const;

async function headActions(session: Session, store: Store, keys: readonly string[]): Promise<unknown[]> {
  const relation = await relationOf(session, store, keys);
  const { sql } = relation;
  const present: [string, string][] = [];
  for (const [name, field] of Object.entries(headFields))
    if (await holdsActions(session, relation, name)) present.push([name, field]);
  if (present.length === 0) return [];
  // As JSON text: the columns inside the actions differ from writer to writer.
  const actions = present.map(
    ([name, field]) =>
      `SELECT '${name}' AS name, to_json("${name}")::VARCHAR AS action FROM found WHERE "${name}"."${field}" IS NOT NULL`,
  );
  const rows = await session.rows<{ name: string; action: string }>(
    `WITH found AS MATERIALIZED (SELECT ${present.map(([name]) => `"${name}"`).join(", ")} FROM ${sql}
       WHERE ${present.map(([name, field]) => `"${name}"."${field}" IS NOT NULL`).join(" OR ")} LIMIT ${maxHeadActions + 1}),
     actions AS (${actions.join(" UNION ALL ")})
     SELECT name, CASE WHEN strlen(action) > ${maxActionBytes} THEN error('an action of more than ${maxActionBytes} bytes') ELSE action END AS action
     FROM actions`,
  );
  if (rows.length > maxHeadActions)
    throw new RangeError(`more than ${maxHeadActions} actions beside the files`);
  return rows.map(({ name, action }) => ({ [name]: parseBounded(action) }));
}

async function damaged<T>(keys: readonly string[], read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof OneCopyError && cause.code.startsWith("table.")) throw cause;
    throw new OneCopyError(
      "table.log_damaged",
      `The checkpoint ${keys[0]} cannot be read: ${messageOf(cause)}`,
      {
        cause,
        remedy: "Restore it from a backup of the lake, or delete it if the log before it is still there.",
      },
    );
  }
}
