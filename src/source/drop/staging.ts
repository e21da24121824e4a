import type { Session } from "../../engine/index.ts";
import type { DropFile } from "./glob.ts";
import { openDrop, type Unreadable } from "./open-drop.ts";
import type { Stage } from "./stage.ts";

/** Together, files of at most this many bytes stay staged until all are loaded. */
const keptBytes = 64 * 2 ** 20;

/** Stages of the files of one load. One file, or small ones, are staged once, however often they are used. */
export interface Staging {
  use<T>(file: DropFile, work: (stage: Stage | Unreadable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openStaging(session: Session, files: readonly DropFile[]): Staging {
  const keeps = files.length === 1 || files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) <= keptBytes;
  const kept = new Map<string, Stage | Unreadable>();
  return {
    async use(file, work) {
      const stage = kept.get(file.path) ?? (await openDrop(session, file));
      if (keeps) kept.set(file.path, stage);
      try {
        return await work(stage);
      } finally {
        if (!keeps) await release(stage);
      }
    },
    async close() {
      for (const stage of kept.values()) await release(stage);
    },
  };
}

async function release(stage: Stage | Unreadable): Promise<void> {
  if (!("unreadable" in stage)) await stage.release();
}
