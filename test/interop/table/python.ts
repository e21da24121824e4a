import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Runs `foreign.py`: delta-rs changes the Delta table in a folder, by one operation after the other. */
export async function deltaRs(folder: string, ...operations: string[]): Promise<void> {
  await run("foreign.py", folder, ...operations);
}

/** Runs `expire.py`: PyIceberg expires all snapshots but the current one of a metadata file. */
export async function expireByPyIceberg(metadata: string): Promise<void> {
  await run("expire.py", metadata);
}

async function run(script: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(`${root}/.venv/bin/python`, [`${root}/test/interop/table/${script}`, ...args]);
}
