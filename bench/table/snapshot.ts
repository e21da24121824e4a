import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeTable } from "./snapshot-table.ts";

/**
 * How long it takes to open a table and to list its files, in a fresh process (imports not counted), and the most memory that
 * process had: `npx tsx bench/table/snapshot.ts [FILES] [COMMITS] [ROUNDS]`, such as `100000 1000 3`. The table has FILES
 * in its checkpoint, and COMMITS since then, each with one file that comes and every tenth with one that leaves.
 * The fastest of the rounds counts; in each round the clients take turns.
 *
 * - onecopy: `readDeltaSnapshot`, then path, size and statistics of every file
 * - delta-rs: `DeltaTable(folder).get_add_actions(flatten=True)`, sizes and statistics of every file as Arrow
 * - delta-rs-paths: `DeltaTable(folder).file_uris()`, paths only
 * - pyiceberg: `StaticTable.from_metadata(…).scan().plan_files()` of the same files in ten manifests
 */
const [files = 100_000, commits = 1_000, rounds = 3] = process.argv.slice(2).map(Number);
const root = fileURLToPath(new URL("../..", import.meta.url));
const python = join(root, ".venv/bin/python");
if (!existsSync(python))
  throw new Error("Run scripts/python-env.sh first: the other clients are installed by it.");

interface Listing {
  readonly seconds: number;
  readonly files: number;
  readonly sizeBytes: number | null;
  readonly peakMb: number;
}

const folder = await mkdtemp(join(tmpdir(), "onecopy-bench-snapshot-"));
try {
  const { metadata, expected } = await makeTable(folder, files, commits);
  const others = (client: string) => [
    python,
    join(root, "bench/table/snapshot.py"),
    client,
    join(folder, "t"),
    metadata,
  ];
  const clients: Record<string, string[]> = {
    onecopy: [process.execPath, "--import", "tsx", join(root, "bench/table/snapshot-onecopy.ts"), folder],
    "delta-rs": others("delta-rs"),
    "delta-rs-paths": others("delta-rs-paths"),
    pyiceberg: others("pyiceberg"),
  };
  const best = new Map<string, Listing>();
  for (let round = 0; round < rounds; round++)
    for (const [client, command] of Object.entries(clients)) {
      const listing = list(client, command);
      if (
        listing.files !== expected.files ||
        (listing.sizeBytes ?? expected.sizeBytes) !== expected.sizeBytes
      )
        throw new Error(`${client} found ${JSON.stringify(listing)}, expected ${JSON.stringify(expected)}`);
      if (listing.seconds < (best.get(client)?.seconds ?? Infinity)) best.set(client, listing);
    }
  const own = best.get("onecopy")!;
  console.log(`${expected.files} files, ${commits} commits since the checkpoint, best of ${rounds}`);
  for (const [client, { seconds, peakMb }] of best)
    console.log(
      `${client.padEnd(16)} ${seconds.toFixed(2).padStart(7)} s ${(seconds / own.seconds).toFixed(2).padStart(7)} × onecopy ${peakMb.toFixed(0).padStart(6)} MB at most`,
    );
} finally {
  await rm(folder, { recursive: true });
}

function list(client: string, [command, ...args]: string[]): Listing {
  const { status, stdout, stderr } = spawnSync(command!, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${client}: ${stderr}`);
  return JSON.parse(stdout) as Listing;
}
