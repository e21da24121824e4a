import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { schemaOf } from "../../src/schema/index.ts";
import { type Table, scan } from "../../src/table/index.ts";
import { type ServedProject, servedProject } from "../bridge/served-project.ts";
import { startVersitygw } from "../interop/storage/s3-server.ts";
import { Readers } from "../interop/table/readers.ts";
import { bundleProcess } from "../process.ts";
import { large, report } from "../proof.ts";
import { type Acknowledged, type Running, startNode, startPython } from "./processes.ts";
import { writers } from "./writer.ts";

const processes = 16;
const commits = large ? 50 : 3;
const names = ["delta_rs", "duckdb_delta", "pyiceberg", "duckdb_iceberg"] as const;

let program: string;
let readers: Readers;
let onFiles: Place;
const lines: string[] = [];
beforeAll(async () => {
  program = await bundleProcess("test/contention/writer-process.ts");
  readers = new Readers();
  onFiles = await servedLake("./lake", {});
});
afterAll(async () => {
  await readers.close();
  await onFiles.close();
});
// After each, so that a large run that is broken off leaves what it saw.
afterEach(() => report("contention", "Many writers at one table", lines.join("\n\n")));

/** A lake, and a catalog for it. */
interface Place extends ServedProject {
  /** The catalog's token. */
  readonly admin: string;
  /** The variables by which a bucket is reached. */
  readonly environment: Readonly<Record<string, string>>;
  /** What the server could not do. */
  readonly complaints: readonly unknown[];
}

async function servedLake(lake: string, environment: Place["environment"]): Promise<Place> {
  const complaints: unknown[] = [];
  const served = await servedProject({ lake, onError: (error) => complaints.push(error) });
  return { ...served, admin: await served.token("owner", "admin"), environment, complaints };
}

async function makeTable({ catalog }: Place, name: string): Promise<Table> {
  return await catalog.create(name, {
    schema: schemaOf([
      { name: "id", type: "BIGINT" },
      { name: "writer", type: "VARCHAR" },
      { name: "touched", type: "BIGINT" },
    ]),
  });
}

/** Every reader sees each of these ids once, and no others. Returns the newest version. */
async function expectOnce(
  { environment, session, complaints }: Place,
  table: Table,
  ids: readonly number[],
): Promise<number> {
  const { store } = table;
  expect(complaints).toEqual([]);
  expect(await table.heal()).toMatchObject({ blocked: undefined });
  const snapshot = await table.snapshot();
  const expected = ids.toSorted((a, b) => a - b);
  const own = await session.rows<{ id: number }>(
    `SELECT id FROM ${await scan(session, snapshot)} ORDER BY id`,
  );
  expect(own.map(({ id }) => id)).toEqual(expected);
  const location = store.locate(snapshot.iceberg!.metadataKey);
  const answers = await readers.read({
    delta: store.locate(table.folder),
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
  await expectSameAt(environment, table, snapshot.version);
  return snapshot.version;
}

/** So many versions between the first and the newest are read in both formats. */
const looks = large ? 24 : 4;

/** At versions in between, too, other readers see the same rows in both formats, as far as the Iceberg side has the version. */
async function expectSameAt(environment: Place["environment"], table: Table, newest: number): Promise<void> {
  const { store } = table;
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
  test("on files", () => expectAll("files", onFiles));

  test.runIf(large)("on S3", async () => {
    const server = await startVersitygw();
    for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
    const place = await servedLake(server.newAddress(), server.environment);
    try {
      await expectAll("S3 (versitygw)", place);
    } finally {
      await place.close();
      vi.unstubAllEnvs();
      await server.stop();
    }
  });
});

const kinds = [
  "OneCopy's appends",
  "OneCopy's merges",
  "delta-rs's appends",
  "PyIceberg's appends through the catalog",
] as const;

/** A process that writes so many rows, the first of which is `first`. `kind`: of `kinds`. */
function startWriter(
  place: Place,
  { folder, store }: Table,
  kind: number,
  first: number,
  count: number,
): Running {
  const { environment, project, admin, server } = place;
  const range = [String(first), String(count)];
  if (kind === 2) return startPython(environment, "append_delta.py", store.locate(folder), ...range);
  if (kind === 3)
    return startPython(
      environment,
      "append_catalog.py",
      `${server.url}/iceberg`,
      admin,
      folder.replace("/", "."),
      ...range,
    );
  const spill = join(place.folder, `spill-${first}`);
  return startNode(
    environment,
    program,
    project.lake.url,
    folder,
    spill,
    Object.keys(writers)[kind]!,
    ...range,
  );
}

async function expectAll(where: string, place: Place): Promise<void> {
  const table = await makeTable(place, "shop.many");
  const started = performance.now();
  const running = Array.from({ length: processes }, (_, i) =>
    startWriter(place, table, i % kinds.length, (i + 1) * 1_000_000, commits),
  );
  const acknowledged = await Promise.all(running.map(({ done }) => done));
  const seconds = (performance.now() - started) / 1000;
  const rows = acknowledged.flat();
  expect(rows.length).toBe(processes * commits);
  const version = await expectOnce(
    place,
    table,
    rows.map(({ id }) => id),
  );
  expect(version).toBe(rows.length);
  const figures = kinds.map(
    (kind, n) => `- ${kind}: ${spread(acknowledged.filter((_, i) => i % kinds.length === n))}`,
  );
  lines.push(
    `On ${where}: ${processes} processes made ${rows.length} commits in ${seconds.toFixed(0)} s, ${(rows.length / seconds).toFixed(1)} a second.
Every acknowledged row is there once, for OneCopy and ${names.join(", ")}.

${figures.join("\n")}`,
  );
}

test("a writer of OneCopy gets through while a foreign writer commits without pause, and who loads the table sees what was acknowledged", async () => {
  const table = await makeTable(onFiles, "shop.pause");
  await onFiles.share({ paused: { tables: ["shop.pause"], recipients: ["reader"] } });
  const reader = await onFiles.token("reader");
  const foreign = startWriter(onFiles, table, 2, 1, 0);
  // Some of which each gets its Iceberg side, and many.
  for (const count of [3, 60]) {
    await foreign.written(count);
    const answer = await onFiles.get("/iceberg/v1/namespaces/shop/tables/pause", reader);
    const { "metadata-location": location } = (await answer.json()) as { "metadata-location": string };
    expect(Number(/_iceberg\/(\d+)-/.exec(location)![1])).toBeGreaterThanOrEqual(count);
  }
  const own = await startWriter(onFiles, table, 0, 1_000_000, 20).done;
  foreign.stop();
  const theirs = await foreign.done;
  expect(own.length).toBe(20);
  await expectOnce(
    onFiles,
    table,
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
