import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { OneCopyError } from "../../base/index.ts";
import { ident, type Session } from "../../engine/index.ts";
import { type Stage, stageFile } from "../../source/index.ts";
import { stemOf } from "./stem.ts";
import { withoutForeignBytes } from "./transcode.ts";

/** Column of the row's number, from 1, in what {@link readFile} makes. */
export const rowColumn = "_row";

export interface ReadFile {
  /** As the user wrote it. */
  readonly file: string;
  /** The file's stem. */
  readonly source: string;
  /** A temporary table: {@link rowColumn}, and `columns` as text. */
  readonly table: string;
  readonly columns: readonly string[];
  readonly rejected: RejectedLines;
}

/** Lines that no record could be made of. They get no id, and hold up no other line. */
export interface RejectedLines {
  readonly count: number;
  /** The first ones, in the order of the file; `line` is from 1. */
  readonly first: readonly { readonly line: number | null; readonly reason: string }[];
}

const SHOWN_LINES = 10;

/**
 * Makes `table`: the rows of a CSV, JSON lines or Parquet file, all values as text. Lines that are not UTF-8 are read as
 * Windows-1252, which every byte has a letter in. Fails with `identity.file_not_found`, `identity.file_unreadable`.
 */
export async function readFile(session: Session, file: string, table: string): Promise<ReadFile> {
  await access(file).catch(() => {
    throw new OneCopyError("identity.file_not_found", `There is no file ${file} that can be read.`, {
      remedy: "Check the path.",
    });
  });
  const read = { file, source: stemOf(file), table };
  const found = await stageInto(session, file, resolve(file), table);
  if (!found.otherEncoding) return { ...read, columns: found.columns, rejected: found.rejected };
  return await withoutForeignBytes(session, resolve(file), async (copy) => {
    const { columns, rejected } = await stageInto(session, file, copy, table);
    return { ...read, columns, rejected };
  });
}

interface Staged extends Pick<ReadFile, "columns" | "rejected"> {
  readonly otherEncoding: boolean;
}

async function stageInto(session: Session, file: string, path: string, table: string): Promise<Staged> {
  const stage = await stageFile(session, path);
  if ("unreadable" in stage) {
    throw new OneCopyError("identity.file_unreadable", `${file} could not be read: ${stage.unreadable}.`, {
      remedy: "Give a CSV, JSON lines or Parquet file.",
    });
  }
  try {
    const [counted] = await session.rows<{ count: number; encoding: number }>(
      `SELECT count(*) AS count, count(*) FILTER (reason LIKE 'the text is not UTF-8%') AS encoding FROM ${stage.rejects}`,
    );
    const first = await session.rows<{ line: number | null; reason: string }>(
      `SELECT line, reason FROM ${stage.rejects} ORDER BY line LIMIT ${SHOWN_LINES}`,
    );
    await session.run(`CREATE OR REPLACE TEMP TABLE ${table} AS ${asText(stage)}`);
    return {
      columns: stage.columns.map(({ name }) => name),
      rejected: { count: counted!.count, first },
      // A header is read with what is no UTF-8 in it replaced.
      otherEncoding: counted!.encoding > 0 || stage.columns.some(({ name }) => name.includes("\ufffd")),
    };
  } finally {
    await stage.release();
  }
}

function asText({ columns, relation }: Stage): string {
  const texts = columns.map(({ name, staged }) => `CAST(${ident(staged)} AS VARCHAR) AS ${ident(name)}`);
  return `SELECT CAST(_row AS BIGINT) AS ${rowColumn}${texts.map((text) => `, ${text}`).join("")} FROM ${relation}`;
}
