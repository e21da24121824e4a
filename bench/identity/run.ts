import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** What one resolver, in a process of its own, took for one folder of labelled files. */
export interface Run {
  /** From the files to the file of profiles. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
  readonly steps: readonly Step[];
  readonly comparedPairs: number;
  /** To be shown to who asks. */
  readonly notes: Readonly<Record<string, unknown>>;
}

export interface Step {
  readonly name: string;
  readonly seconds: number;
}

/** The files of a folder that are records, not what a generator knows of them. */
export function isSource(file: string): boolean {
  return file.endsWith(".csv") && file !== "truth.csv" && file !== "why.csv";
}

const execute = promisify(execFile);

/** Leaves `profiles.csv` and `scored.parquet` in FOLDER/onecopy. `memory` as in `2GB`; default: what the engine takes. */
export async function runOneCopy(folder: string, memory?: string): Promise<Run> {
  const script = join(import.meta.dirname, "run-onecopy.ts");
  const options = memory === undefined ? [] : ["--memory", memory];
  return await lastLine(process.execPath, ["--import", "tsx", script, folder, ...options]);
}

async function lastLine<T>(command: string, args: readonly string[]): Promise<T> {
  const { stdout } = await execute(command, args, { maxBuffer: 1 << 28 });
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as T;
}

/**
 * Leaves `profiles.csv`, `best/profiles.csv` and `scored.parquet` in FOLDER/splink-<version>; undefined: it has no set-up for the kind.
 */
export async function runSplink(folder: string, kind: string, version: string): Promise<Run | undefined> {
  const python = join(import.meta.dirname, `../../.venv-bench/splink-${version}/bin/python`);
  const script = join(import.meta.dirname, "run-splink.py");
  return (await lastLine<Run | null>(python, [script, folder, kind])) ?? undefined;
}
