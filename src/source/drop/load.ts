import { OneCopyError } from "../../base/index.ts";
import type { Catalog } from "../../catalog/index.ts";
import { literal, type Session } from "../../engine/index.ts";
import { fieldNamed } from "../../schema/index.ts";
import type { Table } from "../../table/index.ts";
import type { FilesSource } from "../config.ts";
import { createDropTable } from "./drop-table.ts";
import { fit } from "./fit.ts";
import { type DropFile, listDropFiles, lookAgain } from "./glob.ts";
import { goneFiles, holds, nextLoad, tagDropFile } from "./known.ts";
import { openDrop, type Unreadable } from "./open-drop.ts";
import { writeRejects } from "./rejects-table.ts";
import type { Stage } from "./stage.ts";

export interface LoadRequest {
  readonly session: Session;
  readonly catalog: Catalog;
  /** The source's name: its table is `raw.<name>`, its rejected rows are in `raw.<name>_rejects`. */
  readonly name: string;
  readonly config: FilesSource;
  /** What the source's files are relative to. */
  readonly baseFolder: string;
  readonly report?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

export interface LoadProgress {
  readonly file: string;
  /** From 1, of the files that are new or changed. */
  readonly number: number;
  readonly of: number;
}

export interface LoadOutcome {
  readonly table: string;
  /** The newest version; undefined while no file could be read, so that there is no table. */
  readonly version: number | undefined;
  /** All files that the pattern matches. */
  readonly matched: number;
  /** New and changed files, in the order in which they were taken; the others are known and were not touched. */
  readonly files: readonly LoadedFile[];
  /** Rows written, and rows rejected, by this load. */
  readonly rows: number;
  readonly rejected: number;
  /** Files that are there no more; their rows stay. */
  readonly gone: readonly string[];
}

export interface LoadedFile {
  readonly path: string;
  /** `already`: another loader had it; `changing`: it was written to while it was read, the next load takes it. */
  readonly outcome: "loaded" | "replaced" | "already" | "unreadable" | "changing";
  readonly rows: number;
  readonly rejected: number;
  /** Why it is unreadable. */
  readonly reason?: string;
}

/**
 * Loads the files that are new or have changed since their last load, each in one commit of `raw.<name>`: all of its
 * rows or none, exactly once, whoever else loads at the same time. A changed file's rows replace the ones it had.
 * Malformed rows, and rows whose values do not fit the table's types, go to `raw.<name>_rejects`; so does a file
 * that cannot be read at all, which is tried again when it changes.
 * Fails with `source.no_folder`, `source.contended`, `engine.cancelled`.
 */
export async function loadDrop(request: LoadRequest): Promise<LoadOutcome> {
  const { session, catalog, name, config, baseFolder, report, signal } = request;
  const tableName = `raw.${name}`;
  const { files, pending } = await lookForFiles(request);
  let table = await catalog.find(tableName);
  const loaded: LoadedFile[] = [];
  if (table === undefined && pending.length > 0)
    table = await createDropTable(session, catalog, tableName, name, config, pending);
  for (const [index, file] of pending.entries()) {
    if (signal?.aborted) throw new OneCopyError("engine.cancelled", "The load was cancelled.");
    report?.({ file: file.path, number: index + 1, of: pending.length });
    const stage = await openDrop(session, file);
    try {
      const isEmpty = !("unreadable" in stage) && stage.columns.length === 0;
      // A file that became readable just now, when none was before.
      if (table === undefined && !("unreadable" in stage) && !isEmpty)
        table = await createDropTable(session, catalog, tableName, name, config, [file]);
      // Nothing in the file, and no table that could remember it.
      if (table === undefined && isEmpty) continue;
      loaded.push(await loadFile(request, tableName, table, file, stage));
    } finally {
      if (!("unreadable" in stage)) await stage.release();
    }
  }
  const after = await table?.snapshot();
  return {
    table: tableName,
    version: after?.version,
    matched: files.length,
    files: loaded,
    rows: loaded.reduce((sum, { rows }) => sum + rows, 0),
    rejected: loaded.reduce((sum, { rejected }) => sum + rejected, 0),
    gone: after === undefined ? [] : goneFiles(after, files),
  };
}

/** The files that the next {@link loadDrop} takes: those that are new or have changed since their last load. */
export async function pendingFiles(
  request: Pick<LoadRequest, "catalog" | "name" | "config" | "baseFolder">,
): Promise<readonly DropFile[]> {
  return (await lookForFiles(request)).pending;
}

async function lookForFiles({
  catalog,
  name,
  config,
  baseFolder,
}: Pick<LoadRequest, "catalog" | "name" | "config" | "baseFolder">): Promise<{
  readonly files: readonly DropFile[];
  readonly pending: readonly DropFile[];
}> {
  const files = await listDropFiles(baseFolder, config.files);
  const loaded = await (await catalog.find(`raw.${name}`))?.snapshot();
  const rejects = await (await catalog.find(`raw.${name}_rejects`))?.snapshot();
  return {
    files,
    pending: files.filter((file) => !holds(loaded, file) && !holds(rejects, file, "unreadable")),
  };
}

async function loadFile(
  { session, catalog, config, baseFolder }: LoadRequest,
  tableName: string,
  table: Table | undefined,
  file: DropFile,
  stage: Stage | Unreadable,
): Promise<LoadedFile> {
  const isUnchanged = async (): Promise<boolean> =>
    (await lookAgain(baseFolder, file))?.fingerprint === file.fingerprint;
  if (!("unreadable" in stage) && table !== undefined)
    return writeStage(session, catalog, tableName, table, file, stage, config.timezone ?? "UTC", isUnchanged);
  if (!(await isUnchanged())) return { path: file.path, outcome: "changing", rows: 0, rejected: 0 };
  const reason = "unreadable" in stage ? stage.unreadable : "it went away";
  const row = `(SELECT CAST(NULL AS BIGINT) AS line, ${literal(`the file is unreadable: ${reason}`)} AS reason, CAST(NULL AS VARCHAR) AS text)`;
  await writeRejects(
    session,
    catalog,
    `${tableName}_rejects`,
    file,
    { rejected: row, rejectedRows: 1 },
    "unreadable",
  );
  return { path: file.path, outcome: "unreadable", rows: 0, rejected: 1, reason };
}

const attempts = 20;

/**
 * The rejected rows first, then the rows: a loader killed in between leaves the file unknown, and the next one finds
 * its rejected rows there already.
 */
async function writeStage(
  session: Session,
  catalog: Catalog,
  tableName: string,
  table: Table,
  file: DropFile,
  stage: Stage,
  timezone: string,
  isUnchanged: () => Promise<boolean>,
): Promise<LoadedFile> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const snapshot = await table.snapshot();
    if (holds(snapshot, file)) return { path: file.path, outcome: "already", rows: 0, rejected: 0 };
    const missing = stage.columns.filter(({ name }) => fieldNamed(snapshot.schema, name) === undefined);
    if (missing.length > 0) {
      // Whoever loses a race for it finds the column in the next snapshot.
      await table
        .addColumns(missing.map(({ name, type }) => ({ name, type })))
        .catch(async (error: unknown) => {
          const now = (await table.snapshot()).schema;
          if (missing.some(({ name }) => fieldNamed(now, name) === undefined)) throw error;
        });
      continue;
    }
    const fitted = await fit(session, stage, snapshot.schema, file.path, timezone);
    try {
      if (!(await isUnchanged())) return { path: file.path, outcome: "changing", rows: 0, rejected: 0 };
      await writeRejects(session, catalog, `${tableName}_rejects`, file, fitted, "drop");
      const outcome = await table.write(session, {
        mode: "append",
        query: fitted.accepted,
        removeFiles: ({ tags }) => tags[tagDropFile] === file.path,
        fileTags: { [tagDropFile]: file.path },
        transactions: nextLoad(snapshot, file),
        provenance: { inputs: {}, rule: "drop", reason: file.path },
      });
      if (outcome.kind !== "committed") continue;
      const isReplacement = snapshot.files.some(({ tags }) => tags[tagDropFile] === file.path);
      return {
        path: file.path,
        outcome: isReplacement ? "replaced" : "loaded",
        rows: outcome.rows,
        rejected: fitted.rejectedRows,
      };
    } finally {
      await fitted.release();
    }
  }
  throw new OneCopyError(
    "source.contended",
    `${tableName} was changed by others ${attempts} times while ${file.path} was loaded.`,
    {
      remedy: "Load again when the other writers are done; nothing of this file was written.",
    },
  );
}
