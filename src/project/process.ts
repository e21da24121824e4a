import { hostname } from "node:os";
import { z } from "zod";
import { liveness, newId, processTag } from "../base/index.ts";
import type { Store } from "../storage/index.ts";

/** A process of OneCopy at work on a project: `processes/<id>.json` in the state while it runs. */
const OneCopyProcess = z.object({
  id: z.string(),
  kind: z.enum(["run", "serve"]),
  host: z.string(),
  pid: z.int(),
  /** Tells whether the process still runs, on the machine that it runs on. */
  tag: z.string(),
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
    tag: processTag,
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
    const entry = parseEntry(Buffer.from(found.body).toString("utf8"));
    if (entry === undefined) continue;
    if (liveness(entry.tag) === "gone") await state.delete(key);
    else running.push(entry);
  }
  return running;
}

/** undefined: not an entry, such as one that a full disk or another version left. */
function parseEntry(text: string): OneCopyProcess | undefined {
  try {
    return OneCopyProcess.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
