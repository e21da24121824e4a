import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, type Session, openEngine } from "../engine/index.ts";

let engine: Promise<Engine> | undefined;

/**
 * Runs `work` on the process's one small engine for what stands in Parquet beside the data: checkpoints and
 * footers. Snapshots are read where there is no session yet.
 */
export async function withLogEngine<T>(work: (session: Session) => Promise<T>): Promise<T> {
  engine ??= openEngine({ spillFolder: join(tmpdir(), "onecopy-log"), memoryLimit: "512MB", threads: 1 });
  const session = await (await engine).session();
  try {
    return await work(session);
  } finally {
    session.close();
  }
}
