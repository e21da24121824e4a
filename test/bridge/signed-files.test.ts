import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { revokeToken, revokeTokens } from "../../src/access/index.ts";
import { schemaOf } from "../../src/schema/index.ts";
import { SHARES, type ServedProject, servedProject } from "./served-project.ts";
import { linesOf } from "./sharing-lines.ts";

let served: ServedProject;
let alice: string;
let nowMs: () => number = () => Date.now();

beforeAll(async () => {
  served = await servedProject({ clock: { now: () => new Date(nowMs()) } });
  alice = await served.token("alice");
});
afterAll(() => served.close());

function query(table: string): Promise<Response> {
  const path = `/delta-sharing/shares/analytics/schemas/unified/tables/${table}/query`;
  return served.get(path, alice, { method: "POST", body: "{}" });
}

async function fileUrls(): Promise<string[]> {
  const [, , ...files] = await linesOf(await query("customer_360"));
  return files.map((line) => line.file.url);
}

/** What a file's URL is signed for, in its last two parts; anyone can read it there. */
function partsOf(url: string): {
  readonly claims: { readonly expires: number; readonly folder: string };
  readonly path: string;
} {
  const [, answer = "", path = ""] = /files\/([^/]*)\/(.*)\.parquet/.exec(url) ?? [];
  const text = (part: string): string => Buffer.from(part, "base64url").toString();
  return { claims: JSON.parse(text(answer)) as ReturnType<typeof partsOf>["claims"], path: text(path) };
}

describe("a file", () => {
  test("by Range, HEAD and ETag", async () => {
    const url = (await fileUrls())[0]!;
    const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
    const head = await fetch(url, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-length")).toBe(String(whole.length));
    expect(head.headers.get("accept-ranges")).toBe("bytes");
    const etag = head.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[^"]+"$/);

    const range = async (value: string, headers: Record<string, string> = {}) => {
      const response = await fetch(url, { headers: { Range: value, ...headers } });
      return { response, body: Buffer.from(await response.arrayBuffer()) };
    };
    const start = await range("bytes=0-3");
    expect(start.response.status).toBe(206);
    expect(start.response.headers.get("content-range")).toBe(`bytes 0-3/${whole.length}`);
    expect(start.body.toString()).toBe("PAR1");
    const tail = await range("bytes=-8");
    expect(tail.body.equals(whole.subarray(-8))).toBe(true);
    const middle = await range("bytes=10-", { "If-Range": etag });
    expect(middle.body.equals(whole.subarray(10))).toBe(true);
    const changed = await range("bytes=10-", { "If-Range": '"another"' });
    expect([changed.response.status, changed.body.length]).toEqual([200, whole.length]);
    const beyond = await range(`bytes=${whole.length}-`);
    expect(beyond.response.status).toBe(416);
    expect(beyond.response.headers.get("content-range")).toBe(`bytes */${whole.length}`);
  });

  test("not when its URL has expired", async () => {
    const url = (await fileUrls())[0]!;
    nowMs = () => Date.now() + 15 * 60 * 1000 + 1;
    const response = await fetch(url);
    nowMs = () => Date.now();
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ errorCode: "PERMISSION_DENIED" });
  });

  test("not when its URL was tampered with, even with a good token", async () => {
    const [url = "", other = ""] = await fileUrls();
    const signature = (text: string) => new URL(text).searchParams.get("X-Amz-Signature") ?? "";
    const { claims, path } = partsOf(url);
    const encoded = (text: string) => Buffer.from(text).toString("base64url");
    const forge = ({ path: forgedPath = path, ...change }: { path?: string; [claim: string]: unknown }) =>
      url.replace(
        /files\/.*\.parquet/,
        `files/${encoded(JSON.stringify({ ...claims, ...change }))}/${encoded(forgedPath)}.parquet`,
      );
    for (const forged of [
      url.replace(signature(url), signature(other)),
      url.replace(signature(url), "0".repeat(64)),
      url.split("?")[0]!,
      forge({ expires: claims.expires + 1 }),
      forge({ path: "/_onecopy/tokens/x.json" }),
      forge({ path: "../../etc/passwd" }),
      forge({ folder: "_onecopy" }),
      forge({ table: "internal.edges" }),
      `${served.server.url}/delta-sharing/files/..%2f..%2fonecopy.yaml?X-Amz-Signature=${signature(url)}`,
    ]) {
      const response = await fetch(forged, { headers: { Authorization: `Bearer ${alice}` } });
      expect(response.status).toBe(403);
      expect(await response.json()).toMatchObject({ errorCode: "PERMISSION_DENIED" });
    }
  });

  test("not once the token that asked for it was revoked, or has expired", async () => {
    const path = "/delta-sharing/shares/analytics/schemas/unified/tables/orders/query";
    const urlFor = async (token: string) => {
      const [, , line] = await linesOf(await served.get(path, token, { method: "POST", body: "{}" }));
      return line!.file.url;
    };
    await served.share({
      ...SHARES,
      analytics: { tables: ["unified.orders"], recipients: ["alice", "carol"] },
    });
    const carol = await served.token("carol");
    await vi.waitUntil(async () => (await served.get(path, carol, { method: "POST" })).status === 200, 3000);
    const url = await urlFor(carol);
    expect((await fetch(url)).status).toBe(200);
    await revokeTokens(served.project.state, "carol");
    expect((await fetch(url)).status).toBe(403);

    const shortLived = await urlFor(await served.token("carol", "recipient", 60_000));
    expect((await fetch(shortLived)).status).toBe(200);
    nowMs = () => Date.now() + 60_001;
    const after = await fetch(shortLived);
    nowMs = () => Date.now();
    expect(after.status).toBe(403);
    await served.share(SHARES);
    await vi.waitUntil(async () => (await query("customer_360")).status === 200, 3000);
  });

  test("not once the share was taken away, although its URL has not expired", async () => {
    const url = (await fileUrls())[0]!;
    await served.share({ ...SHARES, analytics: { tables: ["unified.customer_360"], recipients: ["bob"] } });
    await expect.poll(async () => (await fetch(url)).status, { timeout: 2000 }).toBe(403);
    expect((await query("customer_360")).status).toBe(404);
    await served.share(SHARES);
    await expect.poll(async () => (await fetch(url)).status, { timeout: 2000 }).toBe(200);
  });

  describe("of many megabytes", () => {
    let url = "";
    let sizeBytes = 0;

    beforeAll(async () => {
      const rows =
        "SELECT i AS id, md5(CAST(i AS VARCHAR)) || sha256(CAST(i AS VARCHAR)) AS noise FROM range(400000) r(i)";
      const schema = schemaOf(await served.session.describe(rows));
      const table = await served.catalog.create("unified.large", { schema });
      await table.write(served.session, { mode: "append", query: rows });
      await served.share({ analytics: { tables: ["unified.large"], recipients: ["alice"] } });
      const answer = await vi.waitUntil(async () => {
        const response = await query("large");
        return response.status === 200 ? response : undefined;
      }, 3000);
      const [, , line] = await linesOf(answer);
      ({ url, size: sizeBytes } = line!.file);
    });

    test("arrives whole, and by ranges as whole", async () => {
      const whole = Buffer.from(await (await fetch(url)).arrayBuffer());
      expect(sizeBytes).toBeGreaterThan(16 * 1024 * 1024);
      expect(whole.length).toBe(sizeBytes);
      const middle = await fetch(url, { headers: { Range: `bytes=1000-${sizeBytes - 1001}` } });
      expect(Buffer.from(await middle.arrayBuffer()).equals(whole.subarray(1000, -1000))).toBe(true);
    });

    test("breaks off when the token ends while it is being sent", async () => {
      const told = vi.spyOn(console, "error").mockReturnValue();
      const path = "/delta-sharing/shares/analytics/schemas/unified/tables/large/query";
      const token = await served.token("alice");
      const [, , line] = await linesOf(await served.get(path, token, { method: "POST", body: "{}" }));
      const reader = (await fetch(line!.file.url)).body!.getReader();
      let received = (await reader.read()).value!.length;
      await revokeToken(served.project.state, token);
      const rest = async () => {
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          const { done, value } = await reader.read();
          if (done) return;
          received += value.length;
        }
      };
      await expect(rest()).rejects.toThrow("terminated");
      expect(received).toBeLessThan(sizeBytes);
      told.mockRestore();
    });

    test("may be broken off by the client", async () => {
      for (let i = 0; i < 5; i++) {
        const reader = (await fetch(url)).body!.getReader();
        await reader.read();
        await reader.cancel();
      }
      expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
    });

    test("breaks off, rather than end early or change, when it vanishes on the way", async () => {
      const told = vi.spyOn(console, "error").mockReturnValue();
      const response = await fetch(url);
      const reader = response.body!.getReader();
      const received = [(await reader.read()).value!];
      const { claims, path } = partsOf(url);
      await served.project.lake.delete(`${claims.folder}/${path}`);
      const rest = async () => {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return;
          received.push(value);
        }
      };
      await expect(rest()).rejects.toThrow("terminated");
      const bytes = Buffer.concat(received);
      expect(bytes.length).toBeLessThan(sizeBytes);
      expect(bytes.includes("changed while")).toBe(false);
      expect(told).toHaveBeenCalledWith(expect.objectContaining({ code: "bridge.file_changed" }));
      told.mockRestore();
      const gone = await fetch(url);
      expect(gone.status).toBe(404);
      expect(await gone.json()).toMatchObject({ errorCode: "RESOURCE_DOES_NOT_EXIST" });
    });
  });
});
