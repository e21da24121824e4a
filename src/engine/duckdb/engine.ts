import { availableParallelism, totalmem } from "node:os";
import { resolve } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { OneCopyError, messageOf } from "../../base/index.ts";
import { textList } from "../dialect/quote.ts";
import { Reach } from "../reach/reach.ts";
import type { Engine, Session } from "../session.ts";
import { DuckSession } from "./session.ts";
import { type SpillFolder, openSpillFolder } from "./spill.ts";

export interface EngineOptions {
  /** Where the engine may put what does not fit in memory. A folder of this process is made in it, and removed at {@link Engine.close}. */
  readonly spillFolder: string;
  /** `"4GB"`; default: 60 % of the memory of the machine, or of the container. */
  readonly memoryLimit?: string;
  /** Default: the number of processors. */
  readonly threads?: number;
  /** When given, SQL reaches files under these folders and nothing else: no other path, no URL, no extension. */
  readonly confineTo?: readonly string[];
}

/** The embedded engine. Fails with `engine.not_opened`. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const spill = await openSpillFolder(resolve(options.spillFolder));
  const memoryLimit = options.memoryLimit ?? `${Math.floor((availableMemory() * 0.6) / 2 ** 20)}MiB`;
  const threads = options.threads ?? availableParallelism();
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(":memory:", {
      memory_limit: memoryLimit,
      threads: String(threads),
      temp_directory: spill.path,
      preserve_insertion_order: "true",
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
    });
    const engine = new DuckEngine(instance, spill);
    await engine.run("SET GLOBAL TimeZone = 'UTC'");
    if (options.confineTo !== undefined) await engine.confine(options.confineTo);
    return engine;
  } catch (cause) {
    instance?.closeSync();
    await spill.remove();
    throw new OneCopyError(
      "engine.not_opened",
      `DuckDB could not be started with ${threads} threads and a memory limit of ${memoryLimit}: ${messageOf(cause)}`,
      { cause, remedy: 'Threads are a whole number from 1; a memory limit is written "4GB".' },
    );
  }
}

/** In bytes. A container's limit is not what the machine has. */
function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit !== undefined && limit > 0 ? Math.min(totalmem(), limit) : totalmem();
}

class DuckEngine implements Engine {
  private readonly sessions = new Set<DuckSession>();
  private readonly reach: Reach;

  constructor(
    private readonly instance: DuckDBInstance,
    private readonly spill: SpillFolder,
  ) {
    this.reach = new Reach(spill.path);
  }

  get scratchFolder(): string {
    return this.spill.path;
  }

  async session(): Promise<Session> {
    return this.connect();
  }

  async run(sql: string): Promise<void> {
    const session = await this.connect();
    await session.run(sql);
    await session.closed();
  }

  async confine(folders: readonly string[]): Promise<void> {
    const reachable = [...folders.map((folder) => resolve(folder)), this.spill.path];
    await this.run(
      `SET GLOBAL allowed_directories = ${textList(reachable.map((folder) => (folder === "/" ? folder : `${folder}/`)))};
       SET GLOBAL enable_external_access = false`,
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.sessions].map((session) => session.closed()));
    this.instance.closeSync();
    await this.spill.remove();
  }

  private async connect(): Promise<DuckSession> {
    const session = new DuckSession(await this.instance.connect(), this.scratchFolder, this.reach, () =>
      this.sessions.delete(session),
    );
    this.sessions.add(session);
    return session;
  }
}
