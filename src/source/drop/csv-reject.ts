import { rm, writeFile } from "node:fs/promises";
import { literal, type Session } from "../../engine/index.ts";
import { engineLocation } from "./glob.ts";
import { type ByteSpan, lineNumbersAt, positionBeforeCuts, readStart, spillPath } from "./plain-file.ts";
import { rejectedTextBytes } from "./stage.ts";

/** SQL on the engine's errors: the text of the malformed record, whose line break before it the engine puts to it. */
export const recordText = "ltrim(csv_line, chr(10) || chr(13))";
/** SQL on the engine's errors: the byte, from 0, at which the malformed record begins; the engine counts from 1. */
export const recordStart = `(line_byte_position - 1 + length(csv_line) - length(${recordText}))`;

interface RejectSource {
  /** The whole file, unpacked. */
  readonly path: string;
  /** The table of what the engine found malformed. */
  readonly errors: string;
  /** The table to make. */
  readonly rejects: string;
  /** Lines that were left out, in bytes of the whole file; the engine's errors count without them. */
  readonly cuts: readonly ByteSpan[];
}

/**
 * Makes the table of a CSV file's malformed records: `line` of the file, `reason`, `text`, and the number of `lines`
 * that the record takes. The engine counts records, and its positions become lines here.
 */
export async function locateRejects(
  session: Session,
  { path, errors, rejects, cuts }: RejectSource,
): Promise<void> {
  const { start_byte: starts } = (await session.arrays(
    `SELECT DISTINCT CAST(${recordStart} AS DOUBLE) AS start_byte FROM ${errors} WHERE line_byte_position IS NOT NULL ORDER BY start_byte`,
  )) as { start_byte: Float64Array };
  const lines = await lineNumbersAt(
    path,
    Array.from(starts, (position) => positionBeforeCuts(position, cuts)),
  );
  const list = await spillPath(session);
  try {
    await writeFile(list, `start_byte,line\n${lines.map((line, i) => `${starts[i]},${line}\n`).join("")}`);
    await session.run(`CREATE OR REPLACE TEMP TABLE ${rejects} AS
      SELECT p.line, arg_min(${reason}, ${rank}) AS reason, left(first(${recordText}), ${rejectedTextBytes}) AS text,
        1 + max(length(${recordText}) - length(replace(${recordText}, chr(10), ''))) AS lines
      FROM ${errors} e LEFT JOIN read_csv(${literal(engineLocation(list))}, auto_detect = false, header = true,
        columns = {start_byte: 'BIGINT', line: 'BIGINT'}) p ON p.start_byte = ${recordStart}
      GROUP BY p.line, p.start_byte`);
  } finally {
    await rm(list, { force: true });
  }
  await addCutLines(session, path, rejects, cuts);
}

/** The lines where malformed records begin, with the number of lines that each takes. */
export async function malformedLines(session: Session, rejects: string): Promise<Map<number, number>> {
  const { line, lines } = await session.arrays(
    `SELECT CAST(line AS DOUBLE) AS line, CAST(max(lines) AS DOUBLE) AS lines FROM ${rejects} WHERE line IS NOT NULL GROUP BY line`,
  );
  return new Map(Array.from(line as Float64Array, (at, i) => [at, Number(lines![i])]));
}

async function addCutLines(
  session: Session,
  path: string,
  rejects: string,
  cuts: readonly ByteSpan[],
): Promise<void> {
  const lines = await lineNumbersAt(
    path,
    cuts.map(({ start }) => start),
  );
  const perStatement = 200;
  for (let i = 0; i < cuts.length; i += perStatement) {
    const rows = await Promise.all(
      cuts.slice(i, i + perStatement).map(async ({ start, end }, j) => {
        const bytes = await readStart(path, Math.max(1, Math.min(rejectedTextBytes, end - start)), start);
        const text = new TextDecoder()
          .decode(bytes)
          .replace(/\r?\n$/, "")
          .replaceAll("\0", "\u2400");
        return `(${lines[i + j]}, 'a quote is opened and not closed in this line', ${literal(text)}, 1)`;
      }),
    );
    await session.run(`INSERT INTO ${rejects} VALUES ${rows.join(", ")}`);
  }
}

const fieldCounts = `'expected ' || regexp_extract(error_message, 'Columns: ([0-9]+)', 1) || ' fields, found ' ||
  CASE error_type WHEN 'TOO MANY COLUMNS' THEN 'more' ELSE regexp_extract(error_message, 'Found: ([0-9]+)', 1) END`;
const rank = `CASE error_type WHEN 'UNQUOTED VALUE' THEN 0 WHEN 'INVALID ENCODING' THEN 1 ELSE 2 END`;

const reason = `CASE error_type
  WHEN 'UNQUOTED VALUE' THEN 'a quote is not closed, or text follows the closing quote'
  WHEN 'INVALID ENCODING' THEN 'the text is not UTF-8'
  WHEN 'MISSING COLUMNS' THEN ${fieldCounts}
  WHEN 'TOO MANY COLUMNS' THEN ${fieldCounts}
  WHEN 'LINE SIZE OVER MAXIMUM' THEN 'the line is too long'
  ELSE lower(CAST(error_type AS VARCHAR)) END`;
