import { hostname } from "node:os";
import { z } from "zod";
import { newId } from "../base/index.ts";
import type { Store } from "../storage/index.ts";

/** A process of OneCopy at work on a project: `processes/<id>.json` in the state while it runs. */
const OneCopyProcess = z.object({
  id: z.string(),
  kind: z.enum(["run", "serve"]),
  host: z.string(),
  pid: z.int(),
  startedAt: z.string(),
  address: z.string().optional(),
});
export type OneCopyProcess = z.infer<typeof OneCopyProcess>;

const FOLDER = "processes/";

/** Enters this process; the function that comes back takes it out again. */
export async function enterProcess(
  state: Store,
  kind: OneCopyProcess["kind"],
  address?: string,
): Promise<() => Promise<void>> {
  const id = newId();
  const entry: OneCopyProcess = {
    id,
    kind,
    host: hostname(),
    pid: process.pid,
    startedAt: new Date().toISOString(),
    ...(address === undefined ? {} : { address }),
  };
  await state.put(`${FOLDER}${id}.json`, JSON.stringify(entry));
  return () => state.delete(`${FOLDER}${id}.json`);
}

/** The processes that run now. Entries of this machine whose process died without leaving are removed. */
export async function listProcesses(state: Store): Promise<OneCopyProcess[]> {
  const running: OneCopyProcess[] = [];
  for await (const { key } of state.list(FOLDER)) {
    const found = await state.get(key);
    if (found.kind === "absent") continue;
    const parsed = OneCopyProcess.safeParse(JSON.parse(Buffer.from(found.body).toString("utf8")));
    if (!parsed.success) continue;
    if (parsed.data.host === hostname() && !isAlive(parsed.data.pid)) await state.delete(key);
    else running.push(parsed.data);
  }
  return running;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
