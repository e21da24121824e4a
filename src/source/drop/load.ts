import { OneCopyError } from "../../base/index.ts";
import type { Catalog } from "../../catalog/index.ts";
import type { Session } from "../../engine/index.ts";
import type { Snapshot } from "../../table/index.ts";
import type { FilesSource } from "../config.ts";
import { createDropTable } from "./drop-table.ts";
import { type DropFile, listDropFiles } from "./glob.ts";
import { goneFiles, holds, tagDropFile } from "./known.ts";
import { loadFile } from "./load-file.ts";
import { openStaging } from "./staging.ts";

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
 * Loads the files that are new or have changed since their last load – all of them after a change of the source's
 * timezone –, each in one commit of `raw.<name>`: all of its
 * rows or none, exactly once, whoever else loads at the same time. A changed file's rows replace the ones it had.
 * Malformed rows, and rows whose values do not fit the table's types, go to `raw.<name>_rejects`; so does a file
 * that cannot be read at all, which is tried again when it changes.
 * Fails with `source.no_folder`, `source.contended`, `engine.cancelled`.
 */
export async function loadDrop(request: LoadRequest): Promise<LoadOutcome> {
  const { session, catalog, name, config, report, signal } = request;
  const tableName = `raw.${name}`;
  const { files, pending } = await lookForFiles(request);
  let table = await catalog.find(tableName);
  const loaded: LoadedFile[] = [];
  const staging = openStaging(session, pending);
  try {
    if (table === undefined && pending.length > 0)
      table = await createDropTable(session, catalog, tableName, name, config, pending, staging);
    for (const [index, file] of pending.entries()) {
      if (signal?.aborted) throw new OneCopyError("engine.cancelled", "The load was cancelled.");
      report?.({ file: file.path, number: index + 1, of: pending.length });
      const one = await staging.use(file, (stage) => loadFile(request, table, file, stage));
      if (one !== undefined) loaded.push(one);
    }
  } finally {
    await staging.close();
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
  const files = await listDropFiles(baseFolder, config.files, config.timezone);
  const loaded = await catalog.snapshot(`raw.${name}`);
  const rejects = await catalog.snapshot(`raw.${name}_rejects`);
  return {
    files,
    pending: files.filter(
      (file) => needsLoad(file, loaded) && !holds(loaded, file) && !holds(rejects, file, "unreadable"),
    ),
  };
}

/** An empty file has nothing to load, unless it held something before. */
function needsLoad(file: DropFile, loaded: Snapshot | undefined): boolean {
  return file.sizeBytes > 0 || loaded?.files.some(({ tags }) => tags[tagDropFile] === file.path) === true;
}
