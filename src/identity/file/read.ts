import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { OneCopyError } from "../../base/index.ts";
import { ident, literal, type Session } from "../../engine/index.ts";
import { type Stage, stageFile } from "../../source/index.ts";

/** Column of the row's number, from 1, in what {@link readFile} makes. */
export const rowColumn = "_row";

export interface ReadFile {
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
 * Makes table `identity_file`: the rows of a CSV, JSON lines or Parquet file, all values as text, numbered in `_row`.
 * Fails with `identity.file_not_found`, `identity.file_unreadable`.
 */
export async function readFile(session: Session, file: string): Promise<ReadFile> {
  await access(file).catch(() => {
    throw new OneCopyError("identity.file_not_found", `There is no file ${file} that can be read.`, {
      remedy: "Check the path.",
    });
  });
  const stage = await stageFile(session, resolve(file));
  if ("unreadable" in stage) {
    throw new OneCopyError("identity.file_unreadable", `${file} could not be read: ${stage.unreadable}.`, {
      remedy: "Give a CSV, JSON lines or Parquet file.",
    });
  }
  try {
    const [counted] = await session.rows<{ count: number; encoding: number }>(
      `SELECT count(*) AS count, count(*) FILTER (reason = 'the text is not UTF-8') AS encoding FROM ${stage.rejects}`,
    );
    if (counted!.encoding > 0) {
      const columns = await readLatin1(session, file);
      if (columns !== undefined) return { columns, rejected: { count: 0, first: [] } };
    }
    const first = await session.rows<{ line: number | null; reason: string }>(
      `SELECT line, reason FROM ${stage.rejects} ORDER BY line LIMIT ${SHOWN_LINES}`,
    );
    await session.run(`CREATE OR REPLACE TEMP TABLE identity_file AS ${asText(stage)}`);
    return { columns: stage.columns.map(({ name }) => name), rejected: { count: counted!.count, first } };
  } finally {
    await stage.release();
  }
}

function asText({ columns, relation }: Stage): string {
  const texts = columns.map(({ name, staged }) => `CAST(${ident(staged)} AS VARCHAR) AS ${ident(name)}`);
  return `SELECT CAST(_row AS BIGINT) AS ${rowColumn}${texts.map((text) => `, ${text}`).join("")} FROM ${relation}`;
}

/** A CSV file that is no UTF-8 is most often Latin-1; undefined when it does not read as that either. */
async function readLatin1(session: Session, file: string): Promise<readonly string[] | undefined> {
  const relation = `read_csv(${literal(file)}, all_varchar = true, header = true, encoding = 'latin-1', sample_size = 20000)`;
  try {
    await session.run(`CREATE OR REPLACE TEMP TABLE identity_file AS
      SELECT CAST(row_number() OVER () AS BIGINT) AS ${rowColumn}, * FROM ${relation}`);
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "engine.query_failed") return undefined;
    throw error;
  }
  const columns = await session.describe("SELECT * FROM identity_file");
  return columns.map(({ name }) => name).filter((name) => name !== rowColumn);
}
