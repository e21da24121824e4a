import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { AccessRecord } from "../../../src/access/index.ts";
import { writeProfileFile } from "../../../src/bridge/index.ts";
import { scan } from "../../../src/table/index.ts";
import { accessRecords } from "../../bridge/access-records.ts";
import { SHARES, type ServedProject, servedProject } from "../../bridge/served-project.ts";
import { linesOf } from "../../bridge/sharing-lines.ts";
import { onecopy } from "../../cli/command.ts";
import { startMoto, startVersitygw } from "../storage/s3-server.ts";
import { type ObjectServer, versitygwPath } from "../storage/server.ts";

// Versitygw checks signatures; moto does not, and is here for a machine without the other.
const checksSignatures = existsSync(versitygwPath);
const PYTHON = new URL("../../../.venv/bin/python", import.meta.url).pathname;
const CONFIGURATION = `
recipients:
  office: { addresses: [127.0.0.1] }
`;

let server: ObjectServer;
let served: ServedProject;
let alice = "";

beforeAll(async () => {
  server = checksSignatures ? await startVersitygw() : await startMoto();
  for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
  served = await servedProject({ lake: server.newAddress(), configuration: CONFIGURATION });
  await served.share({
    analytics: { ...SHARES["analytics"]!, recipients: ["alice", "office"] },
    guarded: { tables: ["unified.customer_360"], recipients: ["alice", "carol"], strict: true },
  });
  alice = await served.token("alice");
});
afterAll(async () => {
  await served.close();
  await server.stop();
  vi.unstubAllEnvs();
});

async function filesFor(token: string, share = "analytics"): Promise<{ url: string; ends: number }[]> {
  const path = `/delta-sharing/shares/${share}/schemas/unified/tables/customer_360/query`;
  const [, , ...files] = await linesOf(await served.get(path, token, { method: "POST", body: "{}" }));
  return files.map(({ file }) => ({ url: file.url, ends: file.expirationTimestamp }));
}

const statusOf = async (url: string, init: RequestInit = {}): Promise<number> =>
  (await fetch(url, init)).status;

/** What the log of accesses in the lake says of queries by one recipient. */
async function granted(principal: string): Promise<AccessRecord[]> {
  const records = await accessRecords(served.project.lake);
  return records.filter((record) => record.principal === principal && record.operation.endsWith("/query"));
}

describe("a file in a bucket", () => {
  test("is read from there, whole and by Range, for a quarter of an hour", async () => {
    const asked = Date.now();
    const [first] = await filesFor(alice);
    expect(first!.url.startsWith(`${server.endpoint}/`)).toBe(true);
    expect(first!.ends).toBeGreaterThan(asked);
    expect(first!.ends).toBeLessThanOrEqual(Date.now() + 15 * 60_000);
    const whole = Buffer.from(await (await fetch(first!.url)).arrayBuffer());
    expect(whole.subarray(0, 4).toString()).toBe("PAR1");
    const part = await fetch(first!.url, { headers: { Range: "bytes=-8" } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(-8))).toBe(true);
  });

  test("is told in the log of accesses as granted, and until when, before the answer leaves", async () => {
    const dora = await served.token("office");
    const [own] = await filesFor(dora);
    expect(own!.url.startsWith(`${served.server.url}/`)).toBe(true);
    expect((await granted("office"))[0]).toMatchObject({ decision: "allowed", ends_at: null });

    const files = await filesFor(alice);
    const ends_at = new Date(files[0]!.ends).toISOString();
    await expect
      .poll(async () => (await granted("alice")).filter((record) => record.ends_at === ends_at))
      .toMatchObject([
        { decision: "allowed", table_name: "unified.customer_360", version: 3, files: null },
        { decision: "granted", table_name: "unified.customer_360", version: 3, files: 2 },
      ]);
  });

  test("goes through OneCopy in a strict share, and for a recipient that is bound to addresses", async () => {
    for (const [token, share] of [
      [alice, "guarded"],
      [await served.token("office"), "analytics"],
    ] as const) {
      const files = await filesFor(token, share);
      expect(files).toHaveLength(2);
      for (const { url } of files) {
        expect(url.startsWith(`${served.server.url}/delta-sharing/files/`)).toBe(true);
        expect(await statusOf(url)).toBe(200);
      }
    }
  });

  test.skipIf(!checksSignatures)(
    "is not had by an address that was changed (a server that checks signatures)",
    async () => {
      const [a, b] = await filesFor(alice);
      expect(await statusOf(a!.url)).toBe(200);
      const changed = (name: string, value: string): string => {
        const url = new URL(a!.url);
        url.searchParams.set(name, value);
        return url.href;
      };
      const other = new URL(a!.url);
      other.pathname = new URL(b!.url).pathname;
      const log = new URL(a!.url);
      log.pathname = log.pathname.replace(/data\/[^/]*$/, "_delta_log/00000000000000000000.json");
      for (const url of [
        changed("X-Amz-Signature", "0".repeat(64)),
        changed("X-Amz-Signature", new URL(b!.url).searchParams.get("X-Amz-Signature")!),
        changed("X-Amz-Expires", "86400"),
        changed("X-Amz-Date", "20300101T000000Z"),
        other.href,
        log.href,
        a!.url.split("?")[0]!,
      ])
        expect([url, [400, 403].includes(await statusOf(url))]).toEqual([url, true]);
      for (const method of ["HEAD", "PUT", "DELETE"])
        expect([method, await statusOf(a!.url, { method })]).toEqual([method, 403]);
      expect(await statusOf(a!.url)).toBe(200);
    },
  );

  test.skipIf(!checksSignatures)(
    "is not had any more when its address has expired, which is when the token does at the latest",
    async () => {
      const short = await served.token("alice", "recipient", 3000);
      const [file] = await filesFor(short);
      expect(file!.ends).toBeLessThanOrEqual(Date.now() + 3000);
      expect(await statusOf(file!.url)).toBe(200);
      await sleep(Math.max(0, file!.ends - Date.now()) + 1500);
      expect(await statusOf(file!.url)).toBe(403);
    },
  );

  test("stays open by an address that is out when the token is revoked, as `revoke` says, and there are no new ones", async () => {
    const token = await served.token("alice");
    const [file] = await filesFor(token);
    const revoked = async (name: string): Promise<{ revoked: number; lastEndsBy: string }> => {
      const { stdout } = await onecopy(["--project", served.folder, "--json", "bridge", "revoke", name]);
      return JSON.parse(stdout) as Awaited<ReturnType<typeof revoked>>;
    };
    const { lastEndsBy } = await revoked("alice");
    expect(Date.parse(lastEndsBy)).toBeGreaterThanOrEqual(file!.ends);
    expect(Date.parse(lastEndsBy)).toBeLessThanOrEqual(Date.now() + 15 * 60_000 + 1000);
    expect(await statusOf(file!.url)).toBe(200);
    await served.token("carol");
    const carol = await revoked("carol");
    expect(carol.revoked).toBe(1);
    expect(Date.parse(carol.lastEndsBy)).toBeLessThanOrEqual(Date.now() + 1000);
    const path = "/delta-sharing/shares/analytics/schemas/unified/tables/customer_360/query";
    expect((await served.get(path, token, { method: "POST" })).status).toBe(401);
    alice = await served.token("alice");
  });
});

describe("the delta-sharing client", () => {
  async function read(profile: string, table: string, format: string): Promise<(string | null)[]> {
    const script = new URL("read_share.py", import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(PYTHON, ["-W", "ignore", script, profile, table, format], {
      maxBuffer: 2 ** 26,
    });
    const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
    return lines.map((line) => (JSON.parse(line) as { id: string }).id).sort();
  }

  test.each(["delta", "parquet"])("reads the store's own addresses, in format %s", async (format) => {
    const profile = join(served.folder, `${format}.share`);
    const endpoint = `${served.server.url}/delta-sharing/`;
    await writeProfileFile(profile, {
      endpoint,
      token: alice,
      expiresAt: new Date(Date.now() + 3_600_000),
    });
    const snapshot = await (await served.catalog.find("unified.customer_360"))!.snapshot();
    const rows = await served.session.rows<{ id: string }>(
      `SELECT id::VARCHAR AS id FROM ${await scan(served.session, snapshot)}`,
    );
    const expected = rows.map(({ id }) => id).sort();
    expect(await read(profile, "analytics.unified.customer_360", format)).toEqual(expected);
    expect(await read(profile, "guarded.unified.customer_360", format)).toEqual(expected);
  });
});
