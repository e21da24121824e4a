import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ACCESS_LOG_DONE_AFTER_MS } from "../access/index.ts";
import { OneCopyError } from "../base/index.ts";
import { type Session, literal } from "../engine/index.ts";
import { fieldNamed, schemaOf } from "../schema/index.ts";
import {
  type PendingAccesses,
  type Piece,
  batches,
  linesAfter,
  partsAfter,
  writerOf,
} from "./access-log-pending.ts";
import type { RunContext, StepResult } from "./context.ts";

const TABLE = "_system.access";

const COLUMNS = [
  { name: "answered_at", type: "TIMESTAMP WITH TIME ZONE" },
  { name: "principal", type: "VARCHAR" },
  { name: "token", type: "VARCHAR" },
  { name: "address", type: "VARCHAR" },
  { name: "protocol", type: "VARCHAR" },
  { name: "operation", type: "VARCHAR" },
  { name: "share_name", type: "VARCHAR" },
  { name: "table_name", type: "VARCHAR" },
  { name: "version", type: "BIGINT" },
  { name: "files", type: "BIGINT" },
  { name: "bytes", type: "BIGINT" },
  { name: "decision", type: "VARCHAR" },
  { name: "status", type: "INTEGER" },
  { name: "ends_at", type: "TIMESTAMP WITH TIME ZONE" },
];

const ATTEMPTS = 5;

/** Puts what the servers have logged into the lake's table of accesses: every record once, whoever else does the same. */
export async function foldAccesses(context: Folding, pending: PendingAccesses): Promise<StepResult> {
  const { lake } = context.project;
  let rows = 0;
  let version: number | undefined;
  const foldNext = async (writer: string, next: Next): Promise<number> => {
    const folded = await fold(context, `access:${writer}`, next);
    rows += folded.rows;
    version = folded.version ?? version;
    return folded.rows;
  };
  for (const [writer, parts] of pending.parts) {
    for (const batch of batches(parts)) {
      await foldNext(writer, (done) => partsAfter(lake, batch, done ?? -1));
      for (const { key } of batch) await lake.delete(key);
    }
  }
  for (const file of pending.files) {
    const { key, etag, modifiedMs } = file;
    while ((await foldNext(writerOf(key), (done) => linesAfter(lake, file, done ?? 0))) > 0);
    if (Date.now() - modifiedMs < ACCESS_LOG_DONE_AFTER_MS) continue;
    const found = await lake.head(key);
    if (found.kind === "found" && found.entry.etag === etag) await lake.delete(key);
  }
  return {
    action: rows > 0 ? "done" : "unchanged",
    why: rows > 0 ? "the Bridge has logged accesses" : "all that was logged is in it",
    ...(version === undefined ? {} : { version }),
    rows,
  };
}

type Folding = Pick<RunContext, "project" | "catalog" | "session">;

/** What is to be taken up, when the table has the log so far (undefined: nothing of it); undefined: nothing. */
type Next = (done: number | undefined) => Promise<Piece | undefined>;

/** One commit, which says how far the writer's log is in the table: who comes later leaves that out. */
async function fold(
  { catalog, session }: Folding,
  appId: string,
  next: Next,
): Promise<{ readonly rows: number; readonly version?: number }> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const table = await catalog.find(TABLE);
    const snapshot = await table?.snapshot();
    const piece = await next(snapshot?.transactions.get(appId));
    if (piece === undefined) return { rows: 0, ...(snapshot && { version: snapshot.version }) };
    if (table === undefined || snapshot === undefined) {
      await catalog.create(TABLE, { schema: schemaOf(COLUMNS) });
      continue;
    }
    const missing = schemaOf(COLUMNS).fields.filter(({ name }) => !fieldNamed(snapshot.schema, name));
    if (missing.length > 0) {
      // The table of an older version of OneCopy; somebody else may have added them meanwhile.
      const added = missing.map(({ name, type }) => ({ kind: "add" as const, path: [name], type }));
      await table.evolve(session, added);
      continue;
    }
    const outcome = await withLines(session, piece.lines, (query) =>
      table.write(session, {
        mode: "append",
        query,
        transactions: [{ appId, version: piece.upTo }],
        onlyIf: snapshot.version,
      }),
    );
    if (outcome.kind === "committed") return outcome;
  }
  throw new OneCopyError(
    "run.contended",
    `${TABLE} was changed by somebody else ${ATTEMPTS} times meanwhile.`,
    {
      remedy: "The log is kept where it is: run again.",
    },
  );
}

/** The lines as a query. */
async function withLines<T>(
  session: Session,
  lines: readonly Uint8Array[],
  use: (query: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(session.scratchFolder, "access-"));
  try {
    const path = join(folder, "lines.ndjson");
    for (const body of lines) await writeFile(path, body, { flag: "a" });
    const columns = COLUMNS.map(({ name, type }) => `${literal(name)}: ${literal(type)}`).join(", ");
    return await use(
      `SELECT * FROM read_json(${literal(path)}, format = 'newline_delimited', columns = {${columns}})`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
