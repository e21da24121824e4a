import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, type Session, openEngine } from "../engine/index.ts";

/**
 * Runs `work` on a small engine, for what stands in Parquet beside the data: checkpoints and footers. Snapshots are
 * read where there is no session yet. Whoever asks within a second gets the same engine, so that all of them together
 * have its memory; afterwards it is closed, and nothing it spilled stays.
 */
export async function withLogEngine<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const engine = (current ??= new SharedEngine());
  return await engine.use(work);
}

const memoryLimit = "512MB";
const lingerMs = 1000;
/** Copies of remote objects stay as long as the engine: it does not go on for ever, however often it is used. */
const oldestMs = 60_000;
let current: SharedEngine | undefined;

class SharedEngine {
  private readonly opened = openEngine({
    spillFolder: join(tmpdir(), "onecopy-log"),
    memoryLimit,
    threads: 1,
    givesMemoryBack: true,
  });
  private readonly openedMs = Date.now();
  private users = 0;
  private timer: NodeJS.Timeout | undefined;

  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.users++;
    clearTimeout(this.timer);
    try {
      const session = await (await this.engine()).session();
      return await work(session).finally(() => session.close());
    } catch (error) {
      // After an internal error of its own the engine answers nobody any more.
      this.retire();
      throw error;
    } finally {
      this.users--;
      if (Date.now() - this.openedMs > oldestMs) this.retire();
      if (this.users === 0) this.timer = setTimeout(() => this.end(), lingerMs).unref();
    }
  }

  private async engine(): Promise<Engine> {
    try {
      return await this.opened;
    } catch (error) {
      this.retire();
      throw error;
    }
  }

  private retire(): void {
    if (current === this) current = undefined;
  }

  private end(): void {
    this.retire();
    this.opened.then(async (engine) => await engine.close()).catch(() => undefined);
  }
}
