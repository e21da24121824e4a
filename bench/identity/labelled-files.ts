import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Random } from "./random.ts";

/** What a generator knows of a record besides its values. */
export interface Truth {
  readonly person: number | string;
  readonly household?: number | string;
  /** Of the person in the household. */
  readonly role?: string;
  /** The person's true full name. */
  readonly name?: string;
  /** What was done to the record or is peculiar to it. */
  readonly traits?: readonly string[];
}

type Fields = Readonly<Record<string, string | undefined>>;

/**
 * Writes `<source>.csv` for each source, `truth.csv(source,id,person)`, and
 * `why.csv(source,id,household,role,name,traits)`, which says what makes the record hard.
 * Rows of one person do not stand together: each waits a while, in a random place, before it is written.
 */
export class LabelledFiles {
  private readonly outputs = new Map<string, Output>();

  private constructor(
    private readonly folder: string,
    private readonly random: Random,
  ) {}

  /** The sources' columns by name, the id first. */
  static async create(
    folder: string,
    seed: number,
    sources: Readonly<Record<string, readonly string[]>>,
  ): Promise<LabelledFiles> {
    await mkdir(folder, { recursive: true });
    const files = new LabelledFiles(folder, new Random(seed ^ 0x5f3759df));
    for (const [source, columns] of Object.entries(sources)) await files.open(source, columns);
    await files.open("truth", ["source", "id", "person"]);
    await files.open("why", ["source", "id", "household", "role", "name", "traits"]);
    return files;
  }

  private async open(name: string, columns: readonly string[]): Promise<void> {
    const output = new Output(createWriteStream(join(this.folder, `${name}.csv`)), columns, this.random);
    this.outputs.set(name, output);
    await output.write([...columns]);
  }

  async write(source: string, fields: Fields, truth: Truth): Promise<void> {
    const output = this.outputs.get(source)!;
    const id = fields[output.columns[0]!]!;
    await output.add(fields);
    await this.outputs.get("truth")!.add({ source, id, person: String(truth.person) });
    await this.outputs.get("why")!.add({
      source,
      id,
      household: truth.household === undefined ? "" : String(truth.household),
      role: truth.role ?? "",
      name: truth.name ?? "",
      traits: truth.traits?.join("|") ?? "",
    });
  }

  async close(): Promise<void> {
    for (const output of this.outputs.values()) await output.close();
  }
}

const waitingRows = 20_000;
const chunkLength = 1 << 18;

class Output {
  private readonly waiting: string[] = [];
  private chunk = "";

  constructor(
    private readonly file: WriteStream,
    readonly columns: readonly string[],
    private readonly random: Random,
  ) {}

  async add(fields: Fields): Promise<void> {
    const line = this.columns.map((column) => quoted(fields[column] ?? "")).join(",");
    if (this.waiting.length < waitingRows) {
      this.waiting.push(line);
      return;
    }
    const at = this.random.below(waitingRows);
    const out = this.waiting[at]!;
    this.waiting[at] = line;
    await this.put(out);
  }

  async write(fields: readonly string[]): Promise<void> {
    await this.put(fields.map(quoted).join(","));
  }

  private async put(line: string): Promise<void> {
    this.chunk += `${line}\n`;
    if (this.chunk.length < chunkLength) return;
    const chunk = this.chunk;
    this.chunk = "";
    if (!this.file.write(chunk)) await once(this.file, "drain");
  }

  async close(): Promise<void> {
    for (let left = this.waiting.length; left > 0; left--) {
      const at = this.random.below(left);
      await this.put(this.waiting[at]!);
      this.waiting[at] = this.waiting[left - 1]!;
    }
    this.file.end(this.chunk);
    await once(this.file, "close");
  }
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
