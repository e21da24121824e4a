import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServedProject, servedProject } from "./served-project.ts";

let web = "";
let served: ServedProject;

beforeAll(async () => {
  web = await mkdtemp(join(tmpdir(), "onecopy-web-"));
  await mkdir(join(web, "assets"));
  await writeFile(join(web, "index.html"), "<title>OneCopy</title>");
  served = await servedProject({ webFolder: web });
});
afterAll(async () => {
  await served.close();
  await rm(web, { recursive: true });
});

function rawStatus(path: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: "127.0.0.1", port: served.server.port, path, headers: { host } },
      (response) => {
        response.resume();
        resolve(response.statusCode);
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}

describe("a served project", () => {
  test("shows the web app, under a strict policy", async () => {
    const page = await served.get("/");
    expect(await page.text()).toBe("<title>OneCopy</title>");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src|unsafe-eval|\*/);
  });

  test.each(["/", "/nothing", "/api/overview", "/delta-sharing/shares", "/iceberg/v1/config"])(
    "protects %s in browsers, and lets no other site read it",
    async (path) => {
      const response = await served.get(path, undefined, { headers: { Origin: "https://evil.example" } });
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("x-frame-options")).toBe("DENY");
      expect(response.headers.get("referrer-policy")).toBe("no-referrer");
      expect(response.headers.get("access-control-allow-origin")).toBeNull();
      expect(await rawStatus(path, "evil.example")).toBe(421);
    },
  );

  test("keeps the three apart: each with its own tokens and its own words", async () => {
    const recipient = await served.token("alice");
    const admin = await served.token("owner", "admin");
    const status = async (path: string, token: string) => (await served.get(path, token)).status;
    expect(await status("/api/profiles", recipient)).toBe(403);
    expect(await status("/api/profiles", admin)).toBe(200);
    expect(await status("/delta-sharing/shares", recipient)).toBe(200);
    expect(await status("/iceberg/v1/config", recipient)).toBe(200);
    const refused = [
      await served.get("/api/x"),
      await served.get("/delta-sharing/x"),
      await served.get("/iceberg/x"),
    ];
    expect(refused.map((response) => response.status)).toEqual([401, 401, 401]);
    expect(await Promise.all(refused.map((response) => response.json()))).toEqual([
      expect.objectContaining({ code: "server.unauthenticated" }),
      expect.objectContaining({ errorCode: "UNAUTHENTICATED" }),
      { error: expect.objectContaining({ type: "NotAuthorizedException" }) },
    ]);
  });

  test("a token in the query is none", async () => {
    const token = await served.token("owner", "admin");
    expect((await served.get(`/api/profiles?token=${token}&access_token=${token}`)).status).toBe(401);
  });

  test("what is sent to a place that reads no body does not harm the next request", async () => {
    const token = await served.token("owner", "admin");
    const body = "x".repeat(3 * 1024 * 1024);
    for (const path of ["/iceberg/v1/namespaces", "/api/overview", "/delta-sharing/nothing"]) {
      await served.get(path, token, { method: "POST", body }).catch(() => undefined);
      expect((await served.get("/iceberg/v1/namespaces", token)).status).toBe(200);
    }
  });

  test("says when its port is taken", async () => {
    await expect(servedProject({ port: served.server.port })).rejects.toMatchObject({
      code: "server.port_in_use",
    });
  });

  test("does not answer to other machines in the clear", async () => {
    await expect(servedProject({ host: "0.0.0.0" })).rejects.toMatchObject({
      code: "server.public_url_needed",
    });
    for (const publicUrl of [
      "http://lake.example.com",
      "lake.example.com",
      "https://lake.example.com/?a=1",
    ]) {
      await expect(servedProject({ publicUrl })).rejects.toMatchObject({ code: "server.bad_public_url" });
    }
  });

  test("behind a proxy, gives file addresses by its public name", async () => {
    const behind = await servedProject({ publicUrl: "https://lake.example.com/onecopy/" });
    try {
      expect(behind.server.url).toBe("https://lake.example.com/onecopy");
      const token = await behind.token("alice");
      const local = `http://127.0.0.1:${behind.server.port}`;
      const path = "/delta-sharing/shares/analytics/schemas/unified/tables/orders/query";
      const headers = { Authorization: `Bearer ${token}` };
      const response = await fetch(local + path, { method: "POST", body: "{}", headers });
      const url = JSON.parse((await response.text()).split("\n")[2] ?? "").file.url as string;
      expect(url).toMatch(/^https:\/\/lake\.example\.com\/onecopy\/delta-sharing\/files\//);
      expect((await fetch(url.replace("https://lake.example.com/onecopy", local))).status).toBe(200);
    } finally {
      await behind.close();
    }
  });
});
