import { ident, literal, type Session } from "../../engine/index.ts";
import { newId } from "../../base/index.ts";
import { type CsvDialect, readDialect } from "./csv-dialect.ts";
import { locateRejects, malformedLines, recordStart, recordText } from "./csv-reject.ts";
import { engineLocation } from "./glob.ts";
import { inferTypes } from "./infer.ts";
import {
  type ByteSpan,
  copyWithoutLines,
  openPlain,
  type PlainFile,
  positionBeforeCuts,
  spillPath,
} from "./plain-file.ts";
import { recordLines } from "./record-lines.ts";
import { readFileInto } from "./read-file.ts";
import { type Stage, uniqueNames } from "./stage.ts";
import { emptyStage } from "./empty-stage.ts";
import { rm } from "node:fs/promises";

/** Stages a CSV file. Fails with `source.not_csv`, `source.bad_gzip`, `source.unreadable`. */
export async function stageCsv(session: Session, path: string): Promise<Stage> {
  const plain = await openPlain(session, path);
  try {
    const dialect = await readDialect(plain.path);
    if (dialect !== undefined) return await stagePlain(session, plain, dialect);
  } catch (error) {
    await plain.release();
    throw error;
  }
  await plain.release();
  return emptyStage();
}

async function stagePlain(session: Session, plain: PlainFile, dialect: CsvDialect): Promise<Stage> {
  const id = newId().replaceAll("-", "_");
  const table = ident(`drop_${id}`);
  const errors = ident(`drop_errors_${id}`);
  const rejects = ident(`drop_rejects_${id}`);
  const columns = uniqueNames(dialect.header).map((name, i) => ({ name, staged: `s${i}` }));
  const release = (): Promise<void> =>
    session.run(
      [table, errors, `${ident(`drop_scan_${id}`)}`, rejects]
        .map((name) => `DROP TABLE IF EXISTS ${name}`)
        .join(";"),
    );
  try {
    const cuts = await readRepairing(
      session,
      plain.path,
      dialect,
      columns.map(({ staged }) => staged),
      id,
    );
    await locateRejects(session, { path: plain.path, errors, rejects, cuts });
    const relation = `(SELECT rowid + 1 AS _row, * FROM ${table})`;
    const types = await inferTypes(session, table, columns);
    return {
      relation,
      columns: columns.map((column, i) => ({ ...column, type: types[i], engineType: "VARCHAR" })),
      rejects: `(SELECT line, reason, text FROM ${rejects})`,
      linesOf: async (rows) => recordLines(plain.path, dialect, rows, await malformedLines(session, rejects)),
      release: async () => {
        await release();
        await plain.release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

const mostRepairs = 20;

/**
 * Reads the file into `drop_<id>`, and what is malformed into `drop_errors_<id>`. A quote that is opened and never
 * closed swallows every line up to the next quote, or half the file: the line that opens it is then left out, and
 * the file read again, as often as that helps.
 */
async function readRepairing(
  session: Session,
  path: string,
  dialect: CsvDialect,
  staged: readonly string[],
  id: string,
): Promise<ByteSpan[]> {
  let cuts: ByteSpan[] = [];
  for (let repair = 0; ; repair++) {
    const copy = cuts.length === 0 ? undefined : await spillPath(session);
    try {
      if (copy !== undefined)
        cuts = await copyWithoutLines(
          path,
          copy,
          cuts.map(({ start }) => start),
        );
      await readOnce(session, copy ?? path, dialect, staged, id);
    } finally {
      if (copy !== undefined) await rm(copy, { force: true });
    }
    if (repair === mostRepairs) return cuts;
    const swallowed = await session.rows<{ start_byte: number }>(
      `SELECT DISTINCT ${recordStart} AS start_byte FROM ${ident(`drop_errors_${id}`)}
       WHERE (error_type = 'UNQUOTED VALUE' AND contains(${recordText}, chr(10))) OR error_type LIKE 'LINE SIZE%'
       ORDER BY start_byte LIMIT 100000`,
    );
    const starts = swallowed
      .map((row) => positionBeforeCuts(row.start_byte, cuts))
      .filter((at) => !cuts.some(({ start }) => start === at));
    if (starts.length === 0) return cuts;
    cuts = [...cuts, ...starts.map((start) => ({ start, end: start }))].sort((a, b) => a.start - b.start);
  }
}

async function readOnce(
  session: Session,
  path: string,
  dialect: CsvDialect,
  staged: readonly string[],
  id: string,
): Promise<void> {
  const columns = staged.map((name) => `${literal(name)}: 'VARCHAR'`).join(", ");
  await session.run(
    `DROP TABLE IF EXISTS ${ident(`drop_errors_${id}`)}; DROP TABLE IF EXISTS ${ident(`drop_scan_${id}`)}`,
  );
  await readFileInto(
    session,
    `CREATE OR REPLACE TEMP TABLE ${ident(`drop_${id}`)} AS SELECT * FROM read_csv(${literal(engineLocation(path))},
      columns = {${columns}}, auto_detect = false, header = true, delim = ${literal(dialect.delimiter)}, quote = '"',
      escape = '"', compression = 'none', hive_partitioning = false, store_rejects = true,
      rejects_table = ${literal(`drop_errors_${id}`)}, rejects_scan = ${literal(`drop_scan_${id}`)})`,
  );
}
