import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type EngineOptions, type Session, openEngine } from "../src/engine/index.ts";

/** What the tests of a file work with: a folder, and a session of an engine of their own. */
export interface Workbench {
  readonly base: string;
  readonly session: Session;
  /** The folder goes, with all that is in it. */
  close(): Promise<void>;
}

/** `name`: how the folder's name begins. */
export async function openWorkbench(
  name: string,
  options: Omit<EngineOptions, "spillFolder"> = { threads: 1 },
): Promise<Workbench> {
  const base = await mkdtemp(join(tmpdir(), name));
  const engine = await openEngine({ ...options, spillFolder: join(base, "spill") });
  const session = await engine.session();
  return {
    base,
    session,
    async close() {
      session.close();
      await engine.close();
      await rm(base, { recursive: true });
    },
  };
}
