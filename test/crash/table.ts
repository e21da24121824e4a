import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import avsc from "avsc";
import { schemaOf } from "../../src/schema/index.ts";
import type { Snapshot, TableDefinition } from "../../src/table/index.ts";

/** The table that the writers of these tests write. */
export const definition: TableDefinition = {
  schema: schemaOf([
    { name: "id", type: "BIGINT" },
    { name: "name", type: "VARCHAR" },
  ]),
};

const root = fileURLToPath(new URL("../..", import.meta.url));
const writer = ["--import", "tsx", `${root}/test/crash/writer-process.ts`];

/** Runs `operation` in a process that dies before its `step`-th change (0: lives on). `steps`: how many it reached. */
export async function runWriter(
  lake: string,
  step: number,
  operation: string,
): Promise<{ killed: boolean; steps: number }> {
  const child = spawn(process.execPath, [...writer, lake, String(step), operation], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [output, complaints] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on("close", (...end) => resolve(end)),
  );
  if (code !== 0 && signal !== "SIGKILL") throw new Error(complaints);
  return { killed: signal === "SIGKILL", steps: /^\.*/.exec(output)![0].length };
}

/** A process that appends `count` rows, each a commit; their id is the process's. */
export async function runAppends(lake: string, count: number): Promise<number> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...writer, lake, "0", "appends", String(count)],
    { cwd: root },
  );
  return Number(stdout.trim().split("\n").at(-1));
}

/** The data files of a snapshot's Iceberg metadata, read by other people's Avro library: paths in the table's folder, sorted. */
export async function icebergFiles(snapshot: Snapshot): Promise<string[]> {
  const { store, folder, iceberg } = snapshot;
  const metadata = JSON.parse(await readFile(store.locate(iceberg!.metadataKey), "utf8")) as {
    location: string;
    "current-snapshot-id": number;
    snapshots: { "snapshot-id": number; "manifest-list": string }[];
  };
  const current = metadata.snapshots.find((one) => one["snapshot-id"] === metadata["current-snapshot-id"]);
  if (current === undefined) return [];
  const live: string[] = [];
  for (const manifest of await records<{ manifest_path: string }>(current["manifest-list"]))
    for (const entry of await records<{ status: number; data_file: { file_path: string } }>(
      manifest.manifest_path,
    ))
      if (entry.status !== 2) live.push(entry.data_file.file_path);
  const root = `file://${store.locate(folder)}/`;
  return live.map((path) => (path.startsWith(root) ? path.slice(root.length) : `outside: ${path}`)).sort();
}

async function records<T>(location: string): Promise<T[]> {
  return await new Promise((resolve, reject) => {
    const found: T[] = [];
    avsc
      .createFileDecoder(location.replace(/^file:\/\//, ""))
      .on("data", (record: T) => found.push(record))
      .on("error", reject)
      .on("end", () => resolve(found));
  });
}
