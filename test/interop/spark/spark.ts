import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LineProcess } from "../line-process.ts";
import type { Answer } from "../table/readers.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Spark 4.1 with Delta and Iceberg in a process of its own; what it can do is at the head of `session.py`. */
export class Spark {
  private constructor(
    private readonly process: LineProcess,
    private readonly scratch: string,
  ) {}

  static async open(): Promise<Spark> {
    const scratch = await mkdtemp(join(tmpdir(), "onecopy-spark-"));
    const process = new LineProcess(`${root}/.cache/spark/venv/bin/python`, [
      "-W",
      "ignore",
      `${root}/test/interop/spark/session.py`,
      scratch,
    ]);
    await process.answer();
    return new Spark(process, scratch);
  }

  /** Runs statements; the rows of the last. Throws what Spark says. */
  async sql(...statements: string[]): Promise<{ columns: string[]; rows: (string | null)[][] }> {
    const answer = await this.ask({ sql: statements });
    if ("error" in answer) throw new Error(answer.error);
    return answer;
  }

  async readDelta(folder: string, version: number | null = null, where?: string): Promise<Answer> {
    return await this.ask({ delta: folder, version, where });
  }

  async readIceberg(metadata: string, where?: string): Promise<Answer> {
    return await this.ask({ iceberg: metadata, where });
  }

  /** The newest metadata file of a table `ice.<name>`: a path. */
  async icebergMetadata(name: string): Promise<string> {
    const { rows } = await this.sql(`SELECT file FROM ice.${name}.metadata_log_entries`);
    return rows.at(-1)![0]!.replace(/^file:(\/\/)?/, "");
  }

  async close(): Promise<void> {
    await this.process.close();
    await rm(this.scratch, { recursive: true, force: true });
  }

  private async ask(request: unknown): Promise<Answer> {
    return (await this.process.ask(request)) as Answer;
  }
}
