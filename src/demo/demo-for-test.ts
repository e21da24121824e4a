import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../base/index.ts";
import { type Engine, type Session, openEngine } from "../engine/index.ts";
import { generateDemo } from "./generate.ts";
import type { DemoOptions, DemoSummary } from "./options.ts";

/** A generated demo in a temporary folder, with an engine session to look at it. */
export interface DemoForTest {
  readonly folder: string;
  readonly summary: DemoSummary;
  readonly session: Session;
  remove(): Promise<void>;
}

export async function demoForTest(options: Omit<DemoOptions, "folder">): Promise<DemoForTest> {
  const folder = await mkdtemp(join(tmpdir(), "onecopy-demo-"));
  const summary = await generateDemo({ ...options, folder });
  const engine: Engine = await openEngine({ spillFolder: join(folder, ".onecopy", "spill"), threads: 1 });
  const session = await engine.session();
  const remove = async (): Promise<void> => {
    session.close();
    await engine.close();
    await rm(folder, { recursive: true });
  };
  return { folder, summary, session, remove };
}

/** Hashes of all files of a folder but the engine's, by path. */
export async function fileHashes(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith(".onecopy/"))
    .sort();
  const hashes: Record<string, string> = {};
  for (const path of paths) hashes[path] = sha256(await readFile(join(folder, path)));
  return hashes;
}
