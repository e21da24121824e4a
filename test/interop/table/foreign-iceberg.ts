import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { literal } from "../../../src/engine/index.ts";
import { openStore } from "../../../src/storage/index.ts";
import {
  type IcebergReadOptions,
  type Snapshot,
  readIcebergSnapshot,
  scan,
} from "../../../src/table/index.ts";
import { LineProcess } from "../line-process.ts";
import type { TestLake } from "./lake.ts";
import { type Rows, sorted } from "./readers.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** PyIceberg in a process of its own (`foreign_iceberg.py`), which also puts our rows into the same texts as its own. */
export class ForeignIceberg {
  private readonly process = new LineProcess(`${root}/.venv/bin/python`, [
    "-W",
    "ignore",
    `${root}/test/interop/table/foreign_iceberg.py`,
  ]);
  private count = 0;

  private constructor(private readonly lake: TestLake) {}

  static async open(lake: TestLake): Promise<ForeignIceberg> {
    const foreign = new ForeignIceberg(lake);
    await foreign.process.answer();
    return foreign;
  }

  /** A table of PyIceberg; its metadata file. */
  async make(scenario: string, folder: string): Promise<string> {
    const { metadata } = (await this.ask({ make: scenario, folder })) as { metadata: string };
    return metadata;
  }

  async readPyIceberg(metadata: string, where?: string, snapshot?: string): Promise<Rows> {
    return ((await this.ask({ iceberg: metadata, where, snapshot })) as { rows: Rows }).rows;
  }

  async snapshot(metadata: string, options: IcebergReadOptions = {}): Promise<Snapshot> {
    const parts = /^(.*)\/([^/]+\/[^/]+)$/.exec(metadata)!;
    return await readIcebergSnapshot(openStore(parts[1]!), parts[2]!, options);
  }

  /** The rows as OneCopy reads them; `where` leaves files out as well as rows. */
  async ours(snapshot: Snapshot, where?: string): Promise<Rows> {
    const { session, path } = this.lake;
    const relation = await scan(session, snapshot, where === undefined ? {} : { where });
    const file = join(path, `../ours-${this.count++}.parquet`);
    await session.run(`COPY (SELECT * FROM ${relation} WHERE ${where ?? "true"}) TO ${literal(file)}`);
    return sorted(((await this.ask({ parquet: file })) as { rows: Rows }).rows);
  }

  async close(): Promise<void> {
    await this.process.close();
  }

  private async ask(request: unknown): Promise<unknown> {
    const answer = (await this.process.ask(request)) as { readonly error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }
}
