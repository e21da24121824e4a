import { availableParallelism, totalmem } from "node:os";
import { resolve } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { OneCopyError, messageOf } from "../../base/index.ts";
import type { Store } from "../../storage/index.ts";
import { textList } from "../dialect/quote.ts";
import { Reach } from "../reach/reach.ts";
import type { Engine, Session } from "../session.ts";
import { Httpfs } from "./httpfs.ts";
import { DuckSession } from "./session.ts";
import { type SpillFolder, openSpillFolder } from "./spill.ts";

export interface EngineOptions {
  /** Where the engine may put what does not fit in memory. A folder of this process is made in it, and removed at {@link Engine.close}. */
  readonly spillFolder: string;
  /** `"4GB"`; default: a quarter of the memory of the machine, or of the container: resolving identities takes memory beside it. */
  readonly memoryLimit?: string;
  /** Default: the number of processors. */
  readonly threads?: number;
  /**
   * When given, SQL reaches what is in these and nothing else: no other path, no URL, no extension. An object store
   * that is not among them, or that the engine cannot read by itself, is read by copies (`addresses`).
   */
  readonly confineTo?: readonly (string | Store)[];
  /** Whether there will be such stores that are not known yet: of their large objects only what SQL reads is copied. */
  readonly readsOtherStores?: boolean;
  /** What is free again goes back to the machine at once: for short work in a process that does other things. */
  readonly givesMemoryBack?: boolean;
  /** Where DuckDB's extensions are, `v<version>/<platform>/` below it; default: ONECOPY_DUCKDB_EXTENSIONS, else DuckDB's own folder. */
  readonly extensionFolder?: string;
}

/** The embedded engine. Fails with `engine.not_opened`. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const spill = await openSpillFolder(resolve(options.spillFolder));
  const memoryLimit = options.memoryLimit ?? `${Math.floor(availableMemory() / 4 / 2 ** 20)}MiB`;
  const threads = options.threads ?? availableParallelism();
  const extensionFolder = options.extensionFolder ?? (process.env["ONECOPY_DUCKDB_EXTENSIONS"] || undefined);
  let instance: DuckDBInstance | undefined;
  try {
    instance = await DuckDBInstance.create(":memory:", {
      memory_limit: memoryLimit,
      threads: String(threads),
      temp_directory: spill.path,
      preserve_insertion_order: "true",
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      allow_persistent_secrets: "false",
      ...(options.givesMemoryBack === true ? givingBack : {}),
      ...(extensionFolder === undefined ? {} : { extension_directory: resolve(extensionFolder) }),
    });
    const engine = new DuckEngine(instance, spill, extensionFolder);
    await engine.run("SET GLOBAL TimeZone = 'UTC'");
    if (options.confineTo !== undefined) {
      if (options.readsOtherStores === true) await engine.reach.serves();
      await engine.confine(options.confineTo);
    }
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

/** By default its allocator keeps hundreds of megabytes for the next query. */
const givingBack = {
  allocator_flush_threshold: "8MB",
  allocator_bulk_deallocation_flush_threshold: "8MB",
};

/** In bytes. A container's limit is not what the machine has. */
function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit !== undefined && limit > 0 ? Math.min(totalmem(), limit) : totalmem();
}

class DuckEngine implements Engine {
  private readonly sessions = new Set<DuckSession>();
  private readonly httpfs: Httpfs;
  readonly reach: Reach;

  constructor(
    private readonly instance: DuckDBInstance,
    private readonly spill: SpillFolder,
    extensionFolder: string | undefined,
  ) {
    this.httpfs = new Httpfs((sql) => this.run(sql), extensionFolder);
    this.reach = new Reach(spill.path, this.httpfs);
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

  async confine(places: readonly (string | Store)[]): Promise<void> {
    const folders = await Promise.all(places.map((place) => this.folderOf(place)));
    const reachable = [...folders.flat().map((folder) => resolve(folder)), this.spill.path];
    const scopes = await this.httpfs.confine();
    const open = reachable.map((folder) => (folder === "/" ? folder : `${folder}/`));
    this.reach.confine(open);
    const directories = [...open, ...scopes];
    await this.run(
      `SET GLOBAL allowed_directories = ${textList(directories)};
       SET GLOBAL enable_external_access = false`,
    );
  }

  /** An object store is connected to now, as long as that can be done. */
  private async folderOf(place: string | Store): Promise<string[]> {
    if (typeof place === "string") return [place];
    if (place.remote === undefined) return [place.locate("")];
    // Confined to a prefix, a `..` in a URL is stopped by its signature alone.
    const isSigned =
      place.remote.kind === "s3" && (await place.remote.connection()).credentials !== undefined;
    if (isSigned) await this.reach.reads(place);
    if (place.remote.kind === "download") await this.reach.serves();
    return [];
  }

  async close(): Promise<void> {
    await Promise.all([...this.sessions].map((session) => session.closed()));
    this.instance.closeSync();
    this.reach.close();
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
