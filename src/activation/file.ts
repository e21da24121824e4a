import { access, constants, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { OneCopyError, messageOf, newId } from "../base/index.ts";
import { type Session, ident, literal } from "../engine/index.ts";
import type { Format } from "./config.ts";
import type { DeliveredColumn } from "./members.ts";
import type { Stage } from "./stage.ts";

/** Makes the folder when it is not there. Fails with `activation.folder_not_writable`. */
export async function openFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new OneCopyError(
      "activation.folder_not_writable",
      `Files cannot be put into ${folder}: ${messageOf(cause)}`,
      {
        remedy: "Give this user permission to write there, or set another destination.folder.",
        cause,
      },
    );
  }
}

/**
 * Writes a delivery's file into an opened folder, in the order of profile ids: the same delivery gives the same bytes. It gets its name when it is
 * whole and on the disk; a reader never sees half of one.
 */
export async function writeFile(
  session: Session,
  stage: Stage,
  format: Format,
  folder: string,
  name: string,
): Promise<void> {
  await removeAbandoned(folder);
  const partial = join(folder, `.${name}.${owner()}.${newId()}${PARTIAL}`);
  try {
    await session.run(
      `COPY (SELECT ${fields(stage.columns, format).join(", ")} FROM ${stage.table} ORDER BY profile_id)
       TO ${literal(partial)} (${options(stage.columns, format)})`,
    );
    await sync(partial);
    await rename(partial, join(folder, name));
    await sync(folder);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * Values are never altered: no apostrophe is put before a text that begins with `=`, `+`, `-` or `@`. These files are for
 * programs, where `'+4930…` is a wrong phone number; spreadsheets must import the columns as text.
 * In CSV (RFC 4180) texts are quoted and an empty field without quotes is null, so that the two stay apart; JSON numbers
 * have all their digits; times are ISO 8601 in UTC.
 */
function fields(columns: readonly DeliveredColumn[], format: Format): string[] {
  return [
    "operation",
    "profile_id",
    ...columns.map((column) => `${written(column, format)} AS ${ident(column.name)}`),
  ];
}

function written({ name, type }: DeliveredColumn, format: Format): string {
  const column = ident(name);
  if (type.startsWith("TIMESTAMP"))
    return `strftime(timezone('UTC', CAST(${column} AS TIMESTAMPTZ)), '%Y-%m-%dT%H:%M:%S.%fZ')`;
  // JSON has no NaN and no infinities: they are texts.
  if (format === "jsonl" && (type === "FLOAT" || type === "DOUBLE"))
    return `CASE WHEN isfinite(${column}) THEN to_json(${column}) ELSE to_json(CAST(${column} AS VARCHAR)) END`;
  return column;
}

function options(columns: readonly DeliveredColumn[], format: Format): string {
  if (format === "jsonl") return "FORMAT json";
  const texts = columns.filter(({ type }) => type === "VARCHAR").map(({ name }) => ident(name));
  return `FORMAT csv, HEADER, FORCE_QUOTE (${["operation", "profile_id", ...texts].join(", ")})`;
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const PARTIAL = ".partial";

function owner(): string {
  return `${hostname()}~${process.pid}`;
}

/** A process that died here left a part of people's data behind. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, host, pid] = /^\..*\.([^/]*)~(\d+)\.[0-9a-f-]{36}\.partial$/.exec(name) ?? [];
    if (pid === undefined || !name.includes(`.${hostname()}~`) || host === undefined) continue;
    if (!isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
