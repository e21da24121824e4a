import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Session, openEngine } from "../engine/index.ts";

/**
 * Runs `work` on a small engine of its own, for what stands in Parquet beside the data: checkpoints and footers.
 * Snapshots are read where there is no session yet. It is closed right away, so that nothing it spilled stays.
 */
export async function withLogEngine<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const spillFolder = join(tmpdir(), "onecopy-log");
  const engine = await openEngine({ spillFolder, memoryLimit: "512MB", threads: 1 });
  try {
    const session = await engine.session();
    return await work(session).finally(() => session.close());
  } finally {
    await engine.close();
  }
}
