import { execFile } from "node:child_process";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AccessRecord, issueToken, makeActivationLink } from "../../../../src/access/index.ts";
import { systemClock } from "../../../../src/base/index.ts";
import { openProject } from "../../../../src/project/index.ts";
import { type Serving, onecopy, serve } from "../../../cli/command.ts";
import { CANARIES, smallShop } from "../../../cli/small-shop.ts";
import {
  type Known,
  OWN_NAMESPACES,
  PRINCIPALS,
  type Principal,
  SCHEMA,
  named,
  newView,
  requests,
} from "./requests.ts";

/*
 * Every route of the OpenAPI document, asked by a reader, a writer of one namespace, an admin, and nobody: first with the
 * good requests of requests.ts, then with what schemathesis makes up (its seed is fixed, and how much it is; `--large` is
 * more). Nothing may go wrong inside, answers have the shapes of the document, nobody is answered well who should not be,
 * and no planted value is in an error, in the server's own output, or where the log of accesses has no place for it.
 */

const isLarge = process.env["ONECOPY_PROOF"] === "large";
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const ST = here("../../../../.venv/bin/st");

/** In requests: an attacker's own text, which may be said back to it and stands in the log only as a name. */
const ATTACKER = "attacker-canary-7Qz";

let folder: string;
let serving: Serving;
let known: Known;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  folder = await smallShop();
  const path = join(folder, "onecopy.yaml");
  const text = (await readFile(path, "utf8")).replace("recipients: [bi_team]", "recipients: [alice]");
  const writes = [OWN_NAMESPACES.engine, named("made", "engine"), named("empty", "engine")];
  await writeFile(path, `${text}recipients:\n  engine: { writes: [${writes.join(", ")}] }\n`);
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
  const link = await makeActivationLink(
    state,
    { recipient: "alice", tokenDays: 1, oauth: false, expiresAt },
    systemClock,
  );
  serving = await serve(folder);
  known = { tokens, link, ...(await whatIsAskedFor()) };
});
afterAll(async () => {
  await serving.stop();
  await rm(folder, { recursive: true, force: true });
});

function secrets(): string[] {
  return [...Object.values(tokens), known.link, serving.token];
}

function ask(path: string, token: string, body?: unknown, method = "POST"): Promise<Response> {
  const init = body === undefined ? {} : { method, body: JSON.stringify(body) };
  return fetch(`${serving.url}${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });
}

/** Makes what the good requests are about. */
async function whatIsAskedFor(): Promise<Omit<Known, "tokens" | "link">> {
  const owner = tokens["owner"]!;
  const namespaces = "/iceberg/v1/namespaces";
  const done = async (path: string, body: unknown, method = "POST"): Promise<Response> => {
    const response = await ask(path, owner, body, method);
    expect([path, response.status]).toEqual([path, method === "POST" ? 200 : 204]);
    return response;
  };
  /** Makes it, and takes its name away: gives its metadata file. */
  const nameless = async (path: string, name: string, body: object): Promise<string> => {
    const made = (await (await done(path, body)).json()) as { "metadata-location": string };
    await done(`${path}/${name}`, {}, "DELETE");
    return made["metadata-location"];
  };
  const [tableMetadata, viewMetadata]: Record<string, string>[] = [{}, {}];
  for (const who of ["engine", "owner"] as const) {
    const namespace = OWN_NAMESPACES[who];
    await done(namespaces, { namespace: [namespace] });
    await done(namespaces, { namespace: [named("empty", who)] });
    const [tables, views] = [`${namespaces}/${namespace}/tables`, `${namespaces}/${namespace}/views`];
    for (const name of ["t", "old_t", "unwanted"]) await done(tables, { name, schema: SCHEMA });
    for (const name of ["v", "old_view", "unwanted_view"]) await done(views, newView(name, namespace));
    tableMetadata![namespace] = await nameless(tables, "nameless", { name: "nameless", schema: SCHEMA });
    viewMetadata![namespace] = await nameless(views, "nameless", newView("nameless", namespace));
  }
  const table = "/delta-sharing/shares/analytics/schemas/unified/tables/customer_360";
  const lines = (await (await ask(`${table}/query`, tokens["alice"]!, {})).text()).split("\n");
  const { url } = (JSON.parse(lines[2]!) as { file: { url: string } }).file;
  const [, answer, file] = /files\/([^/]+)\/([^?]+)/.exec(url)!;
  const { profiles } = (await (await ask("/api/profiles", owner)).json()) as {
    profiles: { profileId: string }[];
  };
  return {
    profile: profiles[0]!.profileId,
    answer: answer!,
    file: file!,
    signature: new URL(url).searchParams.get("X-Amz-Signature")!,
    tableMetadata: tableMetadata!,
    viewMetadata: viewMetadata!,
  };
}

/** The settings of schemathesis, with the names that were not known before. */
async function settings(): Promise<string> {
  const values: Record<string, unknown> = { ...known, secret: tokens["alice"] };
  const text = await readFile(here("schemathesis.toml"), "utf8");
  return text.replaceAll(/"@(\w+)"/g, (_, name: string) => JSON.stringify(values[name]));
}

/** What each principal asks each operation first. */
function plannedRequests(): Record<string, object[]> {
  return Object.fromEntries(
    Object.entries(requests(known)).map(([operation, [, request]]) => [
      operation,
      PRINCIPALS.map((who) => {
        const { path = {}, query = {}, body, token } = request(who);
        const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
        const media_type = operation.includes("/oauth/")
          ? "application/x-www-form-urlencoded"
          : "application/json";
        return { who, path, query, headers, ...(body === undefined ? {} : { body, media_type }) };
      }),
    ]),
  );
}

/** By operation and principal, the statuses of its answers. Fails when schemathesis finds something. */
async function fuzz(): Promise<Record<string, Record<Principal, number[]>>> {
  const [config, plan, report] = ["config.toml", "plan.json", "report.json"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await writeFile(config, await settings());
  // A token has a place where it is asked for, and nowhere else: not in errors.
  const planted = [...CANARIES, ...secrets(), folder];
  await writeFile(plan, JSON.stringify({ planted, tokens, requests: plannedRequests() }));
  const args = ["--config-file", config, "run", `${serving.url}/openapi.json`, "--seed", "7", "--no-color"];
  const examples = ["--phases", isLarge ? "examples,coverage,fuzzing" : "examples,fuzzing"];
  const many = ["--max-examples", isLarge ? "400" : "8"];
  const environment = {
    SCHEMATHESIS_HOOKS: here("hooks.py"),
    FUZZ_PLAN: plan,
    FUZZ_REPORT: report,
    // The order of sets.
    PYTHONHASHSEED: "0",
  };
  const { output, code } = await run([...args, ...examples, ...many], environment);
  expect(code, output).toBe(0);
  return JSON.parse(await readFile(report, "utf8")) as Record<string, Record<Principal, number[]>>;
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

test(
  "every operation is answered well to whom it is for, to nobody else, and breaks for none of them",
  async () => {
    const statuses = await fuzz();
    const answeredWell = Object.entries(statuses).map(([operation, asked]) => {
      const isWell = (who: Principal) => (asked[who] ?? []).some((status) => status < 300);
      return [operation, PRINCIPALS.filter(isWell)];
    });
    const toBe = Object.entries(requests(known)).map(([operation, [to]]) => [operation, [...to]]);
    expect(Object.fromEntries(answeredWell), JSON.stringify(statuses)).toEqual(Object.fromEntries(toBe));
  },
  // For a run that hangs only.
  isLarge ? 3_600_000 : 600_000,
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
  const planted = [...CANARIES, ...secrets()];
  for (const value of [...planted, ATTACKER]) expect(serving.log()).not.toContain(value);
  const records: AccessRecord[] = [];
  const log = join(folder, "lake/_access");
  for (const name of await readdir(log, { recursive: true }))
    if (name.endsWith(".ndjson"))
      for (const line of (await readFile(join(log, name), "utf8")).split("\n"))
        if (line !== "") records.push(JSON.parse(line) as AccessRecord);
  const principals = new Set(records.map(({ principal }) => principal));
  for (const principal of Object.keys(tokens)) expect(principals).toContain(principal);
  const text = JSON.stringify(records);
  for (const value of planted) expect(text).not.toContain(value);
  const named = records.filter((record) => JSON.stringify(record).includes(ATTACKER));
  expect(named.length).toBeGreaterThan(0);
  for (const { share_name: _, table_name: __, ...rest } of named)
    expect(JSON.stringify(rest)).not.toContain(ATTACKER);
});
