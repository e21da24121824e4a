import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { OneCopyError } from "../base/index.ts";

/** What the demo's folder remembers of its making and its measure, for the next `onecopy demo` and the web app. */
const DemoMemory = z.object({
  people: z.int(),
  seed: z.int(),
  /** Missing until the people were resolved for the first time. */
  f1: z.number().optional(),
  baselineF1: z.number().optional(),
});
export type DemoMemory = z.infer<typeof DemoMemory>;

export const MEMORY_FILE = "demo.json";

/** undefined when the folder holds no demo: no such file, or one of somebody else's. Fails with `demo.unreadable`. */
export async function readDemoMemory(folder: string): Promise<DemoMemory | undefined> {
  const file = join(folder, MEMORY_FILE);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new OneCopyError("demo.unreadable", `${file} can't be read.`, { cause });
  }
  try {
    return DemoMemory.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export async function writeDemoMemory(folder: string, memory: DemoMemory): Promise<void> {
  await writeFile(join(folder, MEMORY_FILE), `${JSON.stringify(memory, undefined, 2)}\n`);
}
