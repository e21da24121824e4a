import { availableParallelism, totalmem } from "node:os";
import { DuckDBInstance } from "@duckdb/node-api";
import { OneCopyError } from "../../base/index.ts";
import { textList } from "../dialect/quote.ts";
import type { Engine, Session } from "../session.ts";
import { DuckSession } from "./session.ts";
import { type SpillFolder, openSpillFolder } from "./spill.ts";

export interface EngineOptions {
  /** Where the engine may put what does not fit in memory. A folder of this process is made in it, and removed at {@link Engine.close}. */
  readonly spillFolder: string;
  /** `"4GB"`; default: 60 % of the machine's memory. */
  readonly memoryLimit?: string;
  /** Default: the number of processors. */
  readonly threads?: number;
  /** When given, SQL reaches files under these folders and nothing else: no other path, no URL, no extension. */
  readonly confineTo?: readonly string[];
}

/** The embedded engine. Fails with `engine.not_opened`. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const spill = await openSpillFolder(options.spillFolder);
  try {
    const instance = await DuckDBInstance.create(":memory:", {
      memory_limit: options.memoryLimit ?? `${Math.floor((totalmem() * 0.6) / 2 ** 20)}MB`,
      threads: String(options.threads ?? availableParallelism()),
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
    await spill.remove();
    throw new OneCopyError("engine.not_opened", `DuckDB could not be started: ${String(cause)}`, { cause });
  }
}

class DuckEngine implements Engine {
  constructor(
    private readonly instance: DuckDBInstance,
    private readonly spill: SpillFolder,
  ) {}

  get scratchFolder(): string {
    return this.spill.path;
  }

  async session(): Promise<Session> {
    return new DuckSession(await this.instance.connect());
  }

  async run(sql: string): Promise<void> {
    const session = await this.session();
    await session.run(sql);
    session.close();
  }

  async confine(folders: readonly string[]): Promise<void> {
    const reachable = [...folders, this.spill.path].map((folder) =>
      folder.endsWith("/") ? folder : `${folder}/`,
    );
    await this.run(
      `SET GLOBAL allowed_directories = ${textList(reachable)};
       SET GLOBAL enable_external_access = false`,
    );
  }

  async close(): Promise<void> {
    this.instance.closeSync();
    await this.spill.remove();
  }
}
