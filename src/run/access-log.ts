import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ACCESS_LOG_FOLDER } from "../access/index.ts";
import { OneCopyError } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import { type Session, literal } from "../engine/index.ts";
import { fieldNamed, schemaOf } from "../schema/index.ts";
import type { Store } from "../storage/index.ts";
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

/** How much of the log one commit takes up. */
const BATCH_BYTES = 64 * 1024 * 1024;
const ATTEMPTS = 5;

interface Part {
  readonly key: string;
  readonly number: number;
  readonly sizeBytes: number;
}

/** By writer, the parts of the log that no run has taken up, or that one has and could not remove; in their order. */
export async function pendingAccesses(lake: Store): Promise<ReadonlyMap<string, readonly Part[]>> {
  // A writer's part is there before its next one is begun, yet one listing may see the later and have passed by the
  // earlier: all that lies before what the first listing saw is in the second.
  const seen = await listed(lake);
  const now = await listed(lake);
  return new Map(
    [...seen].map(([writer, parts]) => {
      const last = parts.at(-1)?.number ?? -1;
      return [writer, (now.get(writer) ?? []).filter(({ number }) => number <= last)];
    }),
  );
}

/** Puts what the servers have logged into the lake's table of accesses: every record once, whoever else does the same. */
export async function foldAccesses(
  { project: { lake }, catalog, session }: Pick<RunContext, "project" | "catalog" | "session">,
  pending: ReadonlyMap<string, readonly Part[]>,
): Promise<StepResult> {
  let rows = 0;
  let version: number | undefined;
  for (const [writer, parts] of pending) {
    for (const batch of batches(parts)) {
      const folded = await foldBatch(lake, catalog, session, writer, batch);
      rows += folded.rows;
      version = folded.version;
      for (const { key } of batch) await lake.delete(key);
    }
  }
  return {
    action: rows > 0 ? "done" : "unchanged",
    why: rows > 0 ? "the Bridge has logged accesses" : "all that was logged is in it",
    ...(version === undefined ? {} : { version }),
    rows,
  };
}

async function listed(lake: Store): Promise<Map<string, Part[]>> {
  const byWriter = new Map<string, Part[]>();
  for await (const { key, sizeBytes } of lake.list(ACCESS_LOG_FOLDER)) {
    const [writer, file = ""] = key.slice(ACCESS_LOG_FOLDER.length).split("/");
    const number = /^(\d{12})\.ndjson$/.exec(file)?.[1];
    if (writer === undefined || number === undefined) continue;
    const parts = byWriter.get(writer) ?? [];
    byWriter.set(writer, parts);
    parts.push({ key, number: Number(number), sizeBytes });
  }
  return byWriter;
}

function* batches(parts: readonly Part[]): Generator<readonly Part[]> {
  let batch: Part[] = [];
  let sizeBytes = 0;
  for (const part of parts) {
    if (batch.length > 0 && sizeBytes + part.sizeBytes > BATCH_BYTES) {
      yield batch;
      [batch, sizeBytes] = [[], 0];
    }
    batch.push(part);
    sizeBytes += part.sizeBytes;
  }
  if (batch.length > 0) yield batch;
}

/** One commit, which says how far the writer's log is in the table: who comes later leaves that out. */
async function foldBatch(
  lake: Store,
  catalog: Catalog,
  session: Session,
  writer: string,
  batch: readonly Part[],
): Promise<{ readonly rows: number; readonly version: number }> {
  const appId = `access:${writer}`;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const table = (await catalog.find(TABLE)) ?? (await catalog.create(TABLE, { schema: schemaOf(COLUMNS) }));
    const snapshot = await table.snapshot();
    const missing = schemaOf(COLUMNS).fields.filter(({ name }) => !fieldNamed(snapshot.schema, name));
    if (missing.length > 0) {
      // The table of an older version of OneCopy; somebody else may have added them meanwhile.
      const added = missing.map(({ name, type }) => ({ kind: "add" as const, path: [name], type }));
      await table.evolve(session, added);
      continue;
    }
    const done = snapshot.transactions.get(appId) ?? -1;
    const left = batch.filter(({ number }) => number > done);
    if (left.length === 0) return { rows: 0, version: snapshot.version };
    const outcome = await withLines(lake, session, left, (query) =>
      table.write(session, {
        mode: "append",
        query,
        transactions: [{ appId, version: left.at(-1)!.number }],
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

/** The lines of some parts, as a query. */
async function withLines<T>(
  lake: Store,
  session: Session,
  parts: readonly Part[],
  use: (query: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(session.scratchFolder, "access-"));
  try {
    const path = join(folder, "lines.ndjson");
    for (const { key } of parts) {
      const found = await lake.get(key);
      if (found.kind === "absent")
        throw new OneCopyError("run.access_log_gone", `${key} of the log of accesses is gone.`, {
          remedy: "Another run has taken it up: run again. Else see who deletes objects of the lake.",
        });
      await writeFile(path, found.body, { flag: "a" });
    }
    const columns = COLUMNS.map(({ name, type }) => `${literal(name)}: ${literal(type)}`).join(", ");
    return await use(
      `SELECT * FROM read_json(${literal(path)}, format = 'newline_delimited', columns = {${columns}})`,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}
