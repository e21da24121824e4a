import { createReadStream } from "node:fs";
import type { CsvDialect } from "./csv-dialect.ts";

const newline = 10;
const carriageReturn = 13;
const quote = 34;

/**
 * The lines in which a CSV file's well-formed records begin, for ascending record numbers (from 1, the header not
 * counted). Reads the file once: the engine tells positions of malformed records only.
 */
export async function recordLines(
  path: string,
  { delimiter, header }: CsvDialect,
  records: readonly number[],
  malformed: ReadonlyMap<number, number>,
): Promise<number[]> {
  const found: number[] = [];
  const separator = delimiter.charCodeAt(0);
  let line = 1;
  let record = -1;
  let linesToSkip = 0;
  let isRecordStart = true;
  let isFieldStart = true;
  let isQuoted = false;
  let justClosed = false;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      const wasJustClosed: boolean = justClosed;
      justClosed = false;
      if (isRecordStart && byte !== carriageReturn) {
        linesToSkip = malformed.get(line) ?? 0;
        // A line with nothing in it is no record, unless there is only one column, which then has no value.
        if (linesToSkip === 0 && (byte !== newline || header.length === 1)) {
          record++;
          if (records[found.length] === record) found.push(line);
          if (found.length === records.length) return found;
        }
        isRecordStart = false;
        isFieldStart = true;
      }
      if (byte === newline) {
        line++;
        if (linesToSkip > 1) linesToSkip--;
        else if (!isQuoted) {
          linesToSkip = 0;
          isRecordStart = true;
        }
      } else if (linesToSkip > 0) continue;
      else if (byte === quote) {
        // A doubled quote closes and opens again, which comes to the same.
        justClosed = isQuoted;
        isQuoted = !isQuoted && (isFieldStart || wasJustClosed);
        isFieldStart = false;
      } else if (!isQuoted) isFieldStart = byte === separator;
    }
  }
  return found;
}
