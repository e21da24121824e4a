import { OneCopyError } from "../../base/index.ts";
import { literal } from "../../engine/index.ts";
import { fieldNamed } from "../../schema/index.ts";
import type { Table } from "../../table/index.ts";
import { identifyingColumns } from "./drop-table.ts";
import { fit } from "./fit.ts";
import { type DropFile, lookAgain } from "./glob.ts";
import { holds, nextLoad, tagDropFile } from "./known.ts";
import type { LoadedFile, LoadRequest } from "./load.ts";
import type { Unreadable } from "./open-drop.ts";
import { writeRejects } from "./rejects-table.ts";
import type { Stage } from "./stage.ts";

/** Loads one file, or makes a rejected row of it. Undefined for a file with nothing in it, when there is no table that could remember it. */
export async function loadFile(
  request: LoadRequest,
  table: Table | undefined,
  file: DropFile,
  stage: Stage | Unreadable,
): Promise<LoadedFile | undefined> {
  const { session, catalog, name, config, baseFolder } = request;
  const isUnchanged = async (): Promise<boolean> =>
    (await lookAgain(baseFolder, file, config.timezone))?.fingerprint === file.fingerprint;
  const none = { path: file.path, rows: 0, rejected: 0 } as const;
  if (!("unreadable" in stage)) {
    if (table !== undefined) return writeStage(request, table, file, stage, isUnchanged);
    // It became readable after the table was not made: the next load makes it.
    return stage.columns.length === 0 ? undefined : { ...none, outcome: "changing" };
  }
  if (!(await isUnchanged())) return { ...none, outcome: "changing" };
  const reason = stage.unreadable;
  const rejected = `(SELECT CAST(NULL AS BIGINT) AS line, ${literal(`the file is unreadable: ${reason}`)} AS reason, CAST(NULL AS VARCHAR) AS text)`;
  await writeRejects(
    session,
    catalog,
    `raw.${name}_rejects`,
    file,
    { rejected, rejectedRows: 1 },
    "unreadable",
  );
  return { ...none, rejected: 1, outcome: "unreadable", reason };
}

const attempts = 20;

/**
 * The rejected rows first, then the rows: a loader killed in between leaves the file unknown, and the next one finds
 * its rejected rows there already.
 */
async function writeStage(
  { session, catalog, name, config }: LoadRequest,
  table: Table,
  file: DropFile,
  stage: Stage,
  isUnchanged: () => Promise<boolean>,
): Promise<LoadedFile> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const snapshot = await table.snapshot();
    if (holds(snapshot, file)) return { path: file.path, outcome: "already", rows: 0, rejected: 0 };
    const missing = stage.columns.filter((column) => fieldNamed(snapshot.schema, column.name) === undefined);
    if (missing.length > 0) {
      const identifying = new Set(await identifyingColumns(session, stage, name, config, true));
      const added = missing.map((column) => ({
        kind: "add" as const,
        path: [column.name],
        type: column.type ?? "string",
        identifying: identifying.has(column.name),
      }));
      // Whoever loses a race for it finds the column in the next snapshot.
      await table.evolve(session, added).catch(async (error: unknown) => {
        const now = (await table.snapshot()).schema;
        if (missing.some((column) => fieldNamed(now, column.name) === undefined)) throw error;
      });
      continue;
    }
    const fitted = await fit(session, stage, snapshot.schema, file.path, config.timezone ?? "UTC");
    try {
      if (!(await isUnchanged())) return { path: file.path, outcome: "changing", rows: 0, rejected: 0 };
      await writeRejects(session, catalog, `raw.${name}_rejects`, file, fitted, "drop");
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
    `raw.${name} was changed by others ${attempts} times while ${file.path} was loaded.`,
    {
      remedy: "Load again when the other writers are done; nothing of this file was written.",
    },
  );
}
