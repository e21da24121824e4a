import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AccessRecord, issueToken } from "../../../../src/access/index.ts";
import { openProject } from "../../../../src/project/index.ts";
import { type Serving, onecopy, serve } from "../../../cli/command.ts";
import { CANARIES, smallShop } from "../../../cli/small-shop.ts";

/*
 * Every route of the OpenAPI document, asked with what schemathesis makes up (its seed is fixed), by everybody: a reader, a
 * writer of one namespace, an admin, and nobody. `--large` asks more of each. Nothing may go wrong inside, answers have the
 * shapes of the document, and no planted value is in an error, in the server's own output, or where the log of accesses has
 * no place for it.
 */

const isLarge = process.env["ONECOPY_PROOF"] === "large";
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const ST = here("../../../../.venv/bin/st");

/** In requests: an attacker's own text, which may be said back to it and stands in the log only as a name. */
const ATTACKER = "attacker-canary-7Qz";

let folder: string;
let serving: Serving;
const tokens: Record<string, string> = {};
let settings = "";

beforeAll(async () => {
  folder = await smallShop();
  const path = join(folder, "onecopy.yaml");
  const text = (await readFile(path, "utf8")).replace("recipients: [bi_team]", "recipients: [alice]");
  await writeFile(path, `${text}recipients:\n  engine: { writes: [lab] }\n`);
  for (const args of [["apply"], ["run"]])
    expect(await onecopy(["--project", folder, ...args])).toMatchObject({ code: 0 });
  const { state } = await openProject(folder);
  const expiresAt = new Date(Date.now() + 3_600_000);
  for (const [principal, kind] of [
    ["alice", "recipient"],
    ["engine", "recipient"],
    ["owner", "admin"],
  ] as const)
    tokens[principal] = await issueToken(state, { principal, kind, expiresAt });
  serving = await serve(folder);
  settings = await settingsFor();
});
afterAll(async () => {
  await serving.stop();
  await rm(folder, { recursive: true, force: true });
});

function ask(path: string, token: string, body?: unknown): Promise<Response> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  return fetch(`${serving.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
}

/** Makes what requests are about, and says its names to schemathesis. */
async function settingsFor(): Promise<string> {
  const owner = tokens["owner"]!;
  const schema = { type: "struct", fields: [{ id: 1, name: "c0", type: "long", required: false }] };
  const representations = [{ type: "sql", sql: "SELECT 1", dialect: "spark" }];
  const version = { "version-id": 1, "schema-id": 0, "timestamp-ms": 1, representations };
  for (const namespace of ["lab", "scratch"]) {
    const view = { name: "v", schema, "view-version": { ...version, "default-namespace": [namespace] } };
    const namespaces = "/iceberg/v1/namespaces";
    for (const [path, body] of [
      [namespaces, { namespace: [namespace] }],
      [`${namespaces}/${namespace}/tables`, { name: "t", schema }],
      [`${namespaces}/${namespace}/views`, view],
    ] as const)
      expect([path, (await ask(path, owner, body)).status]).toEqual([path, 200]);
  }
  const table = "/delta-sharing/shares/analytics/schemas/unified/tables/customer_360";
  const lines = (await (await ask(`${table}/query`, tokens["alice"]!, {})).text()).split("\n");
  const { url } = (JSON.parse(lines[2]!) as { file: { url: string } }).file;
  const [, answer, file] = /files\/([^/]+)\/([^?]+)/.exec(url)!;
  const { profiles } = (await (await ask("/api/profiles", owner)).json()) as {
    profiles: { profileId: string }[];
  };
  const values: Record<string, string> = {
    profile: profiles[0]!.profileId,
    answer: answer!,
    file: file!,
    signature: new URL(url).searchParams.get("X-Amz-Signature")!,
    secret: tokens["alice"]!,
  };
  return (await readFile(here("schemathesis.toml"), "utf8")).replaceAll(/"@(\w+)"/g, (_, name: string) =>
    JSON.stringify(values[name]),
  );
}

/** The statuses with which each operation was answered. Fails when schemathesis finds something. */
async function fuzz(
  principal: string | undefined,
  args: readonly string[],
): Promise<Record<string, number[]>> {
  const file = join(folder, `${randomUUID()}.toml`);
  await writeFile(file, settings);
  const report = `${file}.json`;
  // A token has a place where it is asked for, and nowhere else: not in errors.
  const planted = [...CANARIES, ...Object.values(tokens), serving.token, folder];
  const authorization = principal === undefined ? [] : ["-H", `Authorization: Bearer ${tokens[principal]!}`];
  const { output, code } = await run(
    [
      "--config-file",
      file,
      "run",
      `${serving.url}/openapi.json`,
      "--seed",
      "7",
      "--no-color",
      ...authorization,
      ...args,
    ],
    {
      SCHEMATHESIS_HOOKS: here("hooks.py"),
      FUZZ_PLANTED: JSON.stringify(planted),
      FUZZ_REPORT: report,
      ...(principal === undefined ? { FUZZ_NOBODY: "1" } : {}),
    },
  );
  expect(code, output).toBe(0);
  return JSON.parse(await readFile(report, "utf8")) as Record<string, number[]>;
}

function run(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<{ output: string; code: number }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: 2 ** 28, env: { ...process.env, ...environment } };
    execFile(ST, [...args], options, (error, stdout, stderr) =>
      resolve({ output: `${stdout}${stderr}`, code: error === null ? 0 : Number(error.code ?? -1) }),
    );
  });
}

const FUZZING = isLarge ? ["--max-examples", "200"] : ["--max-examples", "8", "--phases", "fuzzing"];
/** For a run that hangs only. */
const LIMIT_MS = isLarge ? 3_600_000 : 240_000;
/** What is below a share is the same, and read-only: the reader asks for it. */
const WITHOUT_SHARES = ["--exclude-path-regex", String.raw`\{prefix\}`];

test(
  "nobody is answered without a token, but where the document says so",
  async () => {
    const statuses = await fuzz(
      undefined,
      isLarge ? FUZZING : ["--max-examples", "3", "--phases", "fuzzing"],
    );
    expect(Object.keys(statuses).length).toBeGreaterThan(60);
  },
  LIMIT_MS,
);

test.each(["alice", "engine", "owner"])(
  "%s finds nothing that breaks",
  async (principal) => {
    const statuses = await fuzz(principal, principal === "alice" ? FUZZING : [...FUZZING, ...WITHOUT_SHARES]);
    const done = Object.values(statuses).filter((all) => all.some((status) => status < 300));
    // Not everything was refused before it was looked at.
    expect(done.length, JSON.stringify(statuses)).toBeGreaterThan(20);
  },
  LIMIT_MS,
);

test("an attacker's own text in every place gets no further than into its answer", async () => {
  const text = encodeURIComponent(ATTACKER);
  const table = `/delta-sharing/shares/analytics/schemas/unified/tables/customer_360`;
  const mallory = `onecopy_${ATTACKER.padEnd(43, "x")}`;
  const hints = {
    predicateHints: [`surname = '${ATTACKER}'`],
    jsonPredicateHints: `{"op":"${ATTACKER}"`,
    timestamp: ATTACKER,
  };
  const report = { "report-type": "scan-report", "table-name": ATTACKER, "snapshot-id": 1, filter: ATTACKER };
  for (const [path, token, body] of [
    [`/delta-sharing/shares/${text}/schemas/${text}/tables/${text}/metadata`, tokens["alice"]!],
    [`/delta-sharing/shares/analytics/schemas/${text}/tables`, tokens["alice"]!],
    [`/delta-sharing/files/${text}/${text}.parquet?X-Amz-Signature=${text}`, tokens["alice"]!],
    [`${table}/metadata?timestamp=${text}`, tokens["alice"]!],
    [`${table}/query`, tokens["alice"]!, hints],
    [`${table}/query`, tokens["alice"]!, { refreshToken: ATTACKER }],
    [`/iceberg/v1/config?warehouse=${text}`, tokens["alice"]!],
    [`/iceberg/v1/${text}/namespaces/${text}/tables/${text}`, tokens["alice"]!],
    ["/iceberg/v1/namespaces/unified/tables/customer_360/metrics", tokens["alice"]!, report],
    ["/iceberg/v1/namespaces", tokens["engine"]!, { namespace: [ATTACKER] }],
    [
      `/iceberg/v1/namespaces/lab/tables/t`,
      tokens["engine"]!,
      { requirements: [], updates: [{ action: ATTACKER }] },
    ],
    [`/api/profiles?q=${text}`, tokens["owner"]!],
    [`/api/profiles/${text}`, tokens["owner"]!],
    [`${table}/metadata`, mallory],
    ["/iceberg/v1/config", mallory],
    ["/api/overview", mallory],
  ] as const)
    expect([path, (await ask(path, token, body)).status < 500]).toEqual([path, true]);
});

test("no planted value is in the server's output, or where the log of accesses has no place for it", async () => {
  const planted = [...CANARIES, ...Object.values(tokens), serving.token];
  for (const value of [...planted, ATTACKER]) expect(serving.log()).not.toContain(value);
  const records: AccessRecord[] = [];
  const log = join(folder, "lake/_access");
  for (const name of await readdir(log, { recursive: true }))
    if (name.endsWith(".ndjson"))
      for (const line of (await readFile(join(log, name), "utf8")).trimEnd().split("\n"))
        records.push(JSON.parse(line) as AccessRecord);
  expect(records.length).toBeGreaterThan(1000);
  const text = JSON.stringify(records);
  for (const value of planted) expect(text).not.toContain(value);
  const named = records.filter((record) => JSON.stringify(record).includes(ATTACKER));
  expect(named.length).toBeGreaterThan(0);
  for (const { share_name: _, table_name: __, ...rest } of named)
    expect(JSON.stringify(rest)).not.toContain(ATTACKER);
});
