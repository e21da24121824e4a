import { once } from "node:events";
import { type Socket, createConnection } from "node:net";
import { createInterface } from "node:readline";
import { inject } from "vitest";
import type { Answer } from "../table/readers.ts";

/** Spark 4.1 with Delta and Iceberg, of all test files (shared-session.ts); what it can do is at the head of `session.py`. */
export class Spark {
  private readonly lines: AsyncIterator<string>;

  private constructor(private readonly socket: Socket) {
    this.lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  }

  static async open(): Promise<Spark> {
    const socket = createConnection(inject("spark"));
    await once(socket, "connect");
    return new Spark(socket);
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
    this.socket.destroy();
  }

  /** One after the other. */
  private async ask(request: unknown): Promise<Answer> {
    this.socket.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error("Spark is gone.");
    return JSON.parse(value) as Answer;
  }
}
