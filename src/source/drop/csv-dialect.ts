import { OneCopyError } from "../../base/index.ts";
import { readStart } from "./plain-file.ts";

export interface CsvDialect {
  readonly delimiter: string;
  /** As written in the first record. */
  readonly header: readonly string[];
}

const startBytes = 1 << 20;
const mostColumns = 2000;

/**
 * Reads the header and finds the delimiter: the one of `, ; tab |` that splits the header, and the records after
 * it alike. Undefined for a file without a byte that counts. Fails with `source.not_csv`.
 */
export async function readDialect(path: string): Promise<CsvDialect | undefined> {
  const start = await readStart(path, startBytes);
  if (
    start.length >= 2 &&
    ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff))
  )
    throw new OneCopyError(
      "source.not_csv",
      "The file is UTF-16; a file drop takes UTF-8. Save it as UTF-8.",
    );
  const text = new TextDecoder("utf-8").decode(start);
  if (text.trim() === "") return undefined;
  const isWhole = start.length < startBytes;
  const readings = [",", ";", "\t", "|"].map((delimiter) => {
    const records = parseStart(text, delimiter, isWhole);
    const width = records[0]?.fields.length ?? 0;
    const alike = records.slice(1).filter(({ fields }) => fields.length === width).length;
    return { delimiter, width, records, alike: records.length <= 1 ? 1 : alike / (records.length - 1) };
  });
  const best = readings
    .filter(({ width }) => width > 1)
    .sort((a, b) => b.alike - a.alike || b.width - a.width)[0];
  const { delimiter, records } = best ?? readings[0]!;
  const header = records[0];
  if (header === undefined)
    throw new OneCopyError(
      "source.not_csv",
      "The first line has no end within 1 MB: this is no CSV file with a header.",
    );
  if (header.fields.length > mostColumns)
    throw new OneCopyError(
      "source.not_csv",
      `The first line has ${header.fields.length} fields; at most ${mostColumns} columns are taken.`,
    );
  if (header.fields.some((field) => field.includes("\0")))
    throw new OneCopyError("source.not_csv", "The first line holds NUL characters: this is no text file.");
  return { delimiter, header: header.fields };
}

interface StartRecord {
  readonly fields: readonly string[];
}

/** The first records (RFC 4180); the last one of a cut-off text is left out. */
function parseStart(text: string, delimiter: string, isWhole: boolean): StartRecord[] {
  const records: StartRecord[] = [];
  let fields: string[] = [];
  let field = "";
  let quoted = false;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const endField = (): void => {
    fields.push(field);
    field = "";
  };
  for (; at < text.length && records.length < 50; at++) {
    const character = text[at]!;
    if (quoted) {
      if (character === '"' && text[at + 1] === '"') field += text[++at];
      else if (character === '"') quoted = false;
      else field += character;
    } else if (character === '"' && field === "") quoted = true;
    else if (character === delimiter) endField();
    else if (character === "\n" || character === "\r") {
      if (character === "\r" && text[at + 1] === "\n") at++;
      endField();
      if (fields.length > 1 || fields[0] !== "" || records.length === 0) records.push({ fields });
      fields = [];
    } else field += character;
  }
  if (isWhole && at >= text.length && (field !== "" || fields.length > 0)) {
    endField();
    records.push({ fields });
  }
  return records;
}
