import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Session, ident, literal } from "../engine/index.ts";

const FLUSH_CHARACTERS = 1 << 20;

/** A temporary file of rows of text, appended to in bounded memory and then read by the engine. */
export class Staging {
  private readonly path: string;
  private readonly handle: number;
  private buffered: string[] = [];
  private characters = 0;

  constructor(
    folder: string,
    readonly name: string,
    private readonly columns: readonly string[],
  ) {
    this.path = join(folder, `${name}.csv`);
    this.handle = openSync(this.path, "wx");
  }

  append(values: readonly (string | null)[]): void {
    // Null is nothing, the empty text a pair of quotes.
    const line = values.map((value) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`)).join(",");
    this.buffered.push(line);
    this.characters += line.length;
    if (this.characters > FLUSH_CHARACTERS) this.flush();
  }

  /** Makes the rows a temporary table of the session, under this staging's name; every column is VARCHAR. */
  async load(session: Session): Promise<void> {
    this.flush();
    closeSync(this.handle);
    const columns = this.columns.map((column) => `${literal(column)}: 'VARCHAR'`).join(", ");
    await session.run(
      `CREATE TEMP TABLE ${ident(this.name)} AS FROM read_csv(${literal(this.path)}, columns = {${columns}},
       auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false)`,
    );
  }

  private flush(): void {
    if (this.buffered.length === 0) return;
    const bytes = Buffer.from(`${this.buffered.join("\n")}\n`);
    for (let written = 0; written < bytes.length;) written += writeSync(this.handle, bytes, written);
    this.buffered = [];
    this.characters = 0;
  }
}
