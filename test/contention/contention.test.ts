import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Session } from "../../src/engine/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { type Store, openStore } from "../../src/storage/index.ts";
import { Table, scan } from "../../src/table/index.ts";
import { startVersitygw } from "../interop/storage/s3-server.ts";
import { Readers } from "../interop/table/readers.ts";
import { bundleProcess } from "../process.ts";
import { large, report } from "../proof.ts";
import { type Acknowledged, startNode, startPython } from "./processes.ts";
import { writers } from "./writer.ts";
import { type Workbench, openWorkbench } from "../workbench.ts";

const processes = large ? 16 : 6;
const commits = large ? 50 : 6;
const names = ["delta_rs", "duckdb_delta", "pyiceberg", "duckdb_iceberg"] as const;

let base: string;
let program: string;
let bench: Workbench;
let session: Session;
let readers: Readers;
const lines: string[] = [];
beforeAll(async () => {
  bench = await openWorkbench("onecopy-contention-");
  ({ base, session } = bench);
  program = await bundleProcess("test/contention/writer-process.ts");
  readers = new Readers();
});
afterAll(async () => {
  await readers.close();
  await bench.close();
});
// After each, so that a large run that is broken off leaves what it saw.
afterEach(() => report("contention", "Many writers at one table", lines.join("\n\n")));

interface Place {
  readonly address: string;
  /** The variables by which a bucket is reached. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A lake with the empty table `ns/t`. */
async function makeLake({ address, environment }: Place): Promise<Store> {
  const store = openStore(address, { environment });
  const schema = schemaOf([
    { name: "id", type: "BIGINT" },
    { name: "writer", type: "VARCHAR" },
    { name: "touched", type: "BIGINT" },
  ]);
  expect(await Table.create(store, "ns/t", { schema })).toMatchObject({ kind: "committed" });
  return store;
}

/** Every reader sees each of these ids once, and no others. Returns the newest version. */
async function expectOnce({ environment }: Place, store: Store, ids: readonly number[]): Promise<number> {
  const table = await Table.open(store, "ns/t");
  expect(await table.heal()).toMatchObject({ blocked: undefined });
  const snapshot = await table.snapshot();
  const expected = ids.toSorted((a, b) => a - b);
  const own = await session.rows<{ id: number }>(
    `SELECT id FROM ${await scan(session, snapshot)} ORDER BY id`,
  );
  expect(own.map(({ id }) => id)).toEqual(expected);
  const location = store.locate(snapshot.iceberg!.metadataKey);
  const answers = await readers.read({
    delta: store.locate("ns/t"),
    version: null,
    metadata: location.startsWith("/") ? `file://${location}` : location,
    filter: null,
    readers: names,
    ...(store.remote === undefined ? {} : { s3: bucketOf(environment) }),
  });
  for (const reader of names) {
    const answer = answers[reader]!;
    if ("error" in answer) throw new Error(`${reader}: ${answer.error}`);
    const found = answer.rows.map(([id]) => Number(id)).toSorted((a, b) => a - b);
    expect({ reader, found }).toEqual({ reader, found: expected });
  }
  await expectSameAt(environment, store, table, snapshot.version);
  return snapshot.version;
}

/** So many versions between the first and the newest are read in both formats. */
const looks = large ? 24 : 4;

/** At versions in between, too, other readers see the same rows in both formats, as far as the Iceberg side has the version. */
async function expectSameAt(
  environment: Place["environment"],
  store: Store,
  table: Table,
  newest: number,
): Promise<void> {
  let compared = 0;
  for (let look = 1; look <= looks; look++) {
    const snapshot = await table.snapshot(Math.ceil((look * newest) / (looks + 1)));
    if (snapshot.iceberg?.version !== snapshot.version) continue;
    const location = store.locate(snapshot.iceberg.metadataKey);
    const answers = await readers.read({
      delta: store.locate(table.folder),
      version: snapshot.version,
      metadata: location.startsWith("/") ? `file://${location}` : location,
      filter: null,
      readers: ["delta_rs", "pyiceberg"],
      digest: true,
      ...(store.remote === undefined ? {} : { s3: bucketOf(environment) }),
    });
    expect(answers["delta_rs"]).toHaveProperty("rows");
    expect(answers["pyiceberg"]).toEqual(answers["delta_rs"]);
    compared++;
  }
  expect(compared).toBeGreaterThan(0);
  lines.push(
    `At ${compared} versions in between, PyIceberg saw the same rows as delta-rs (at ${looks - compared} others that were looked at, which delta-rs had made, the Iceberg side is only made for a later version).`,
  );
}

function bucketOf(environment: Readonly<Record<string, string>>) {
  return {
    endpoint: environment["AWS_ENDPOINT_URL_S3"]!,
    key: environment["AWS_ACCESS_KEY_ID"]!,
    secret: environment["AWS_SECRET_ACCESS_KEY"]!,
    region: environment["AWS_REGION"]!,
  };
}

describe("every row that was acknowledged to one of many processes is there once, in both formats", () => {
  test("on files", () => expectAll("files", { address: join(base, "many"), environment: {} }));

  test.runIf(large)("on S3", async () => {
    const server = await startVersitygw();
    try {
      await expectAll("S3 (versitygw)", { address: server.newAddress(), environment: server.environment });
    } finally {
      await server.stop();
    }
  });
});

async function expectAll(kind: string, place: Place): Promise<void> {
  const store = await makeLake(place);
  const { address, environment } = place;
  const kinds = Object.keys(writers);
  const started = performance.now();
  const running = Array.from({ length: processes }, (_, i) => {
    const first = String((i + 1) * 1_000_000);
    // Every third process is a foreign one; the others append and merge by turns.
    if (i % 3 === 2)
      return startPython(environment, "append_delta.py", store.locate("ns/t"), first, String(commits));
    const spill = join(base, `spill-${kind}-${i}`);
    return startNode(environment, program, address, spill, kinds[i % 3]!, first, String(commits));
  });
  const acknowledged = await Promise.all(running.map(({ done }) => done));
  const seconds = (performance.now() - started) / 1000;
  const rows = acknowledged.flat();
  expect(rows.length).toBe(processes * commits);
  const version = await expectOnce(
    place,
    store,
    rows.map(({ id }) => id),
  );
  expect(version).toBe(rows.length);
  const of = (which: number): Acknowledged[][] => acknowledged.filter((_, i) => i % 3 === which);
  lines.push(
    `On ${kind}: ${processes} processes made ${rows.length} commits in ${seconds.toFixed(0)} s, ${(rows.length / seconds).toFixed(1)} a second.
Every acknowledged row is there once, for OneCopy and ${names.join(", ")}.

- OneCopy's appends: ${spread(of(0))}
- OneCopy's merges: ${spread(of(1))}
- delta-rs's appends: ${spread(of(2))}`,
  );
}

test("a writer of OneCopy gets through while a foreign writer commits without pause", async () => {
  const place = { address: join(base, "pause"), environment: {} };
  const store = await makeLake(place);
  const foreign = startPython({}, "append_delta.py", store.locate("ns/t"), "1", "0");
  await foreign.written(3);
  const spill = join(base, "spill-pause");
  const own = await startNode({}, program, place.address, spill, "append", "1000000", "20").done;
  foreign.stop();
  const theirs = await foreign.done;
  expect(own.length).toBe(20);
  await expectOnce(
    place,
    store,
    [...own, ...theirs].map(({ id }) => id),
  );
  lines.push(
    `While delta-rs committed without pause (${theirs.length} times), OneCopy committed 20 times. ${spread([own])}`,
  );
});

/** Times, conflicts and fairness of the processes of one kind. */
function spread(processesOf: readonly (readonly Acknowledged[])[]): string {
  const rows = processesOf.flat();
  const ms = rows.map((row) => row.ms).toSorted((a, b) => a - b);
  const lost = rows.reduce((sum, row) => sum + (row.lost ?? 0), 0);
  const at = (share: number): number => ms[Math.min(ms.length - 1, Math.floor(share * ms.length))]!;
  const seconds = processesOf.map((one) => one.reduce((sum, row) => sum + row.ms, 0) / 1000);
  const fair =
    seconds.length < 2
      ? ""
      : ` Of ${seconds.length} processes the first was done after ${Math.min(...seconds).toFixed(0)} s of commits, the last after ${Math.max(...seconds).toFixed(0)} s.`;
  return `A commit took ${at(0.5)} ms (median), ${at(0.95)} ms (95 %), ${at(1)} ms (longest); ${lost} came back as a conflict and were begun again.${fair}`;
}
