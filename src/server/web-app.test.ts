import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Listening, listen } from "./listen.ts";
import { webApp } from "./web-app.ts";

let folder = "";
let server: Listening;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "onecopy-web-"));
  await writeFile(join(folder, "secret.txt"), "secret");
  await mkdir(join(folder, "web", "assets"), { recursive: true });
  await writeFile(join(folder, "web", "index.html"), "<title>OneCopy</title>");
  await writeFile(join(folder, "web", "activate.html"), "<title>Activate</title>");
  await writeFile(join(folder, "web", "assets", "main-1a2b.js"), "export {};");
  await symlink(join(folder, "secret.txt"), join(folder, "web", "link.txt"));
  const app = await webApp(join(folder, "web"));
  server = await listen(app.fetch, "127.0.0.1", 0);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Sends the path as it is; fetch would tidy it up first. */
function rawGet(
  path: string,
): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: server.port, path }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
      );
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("the page and its assets, each with its type", async () => {
  const page = await rawGet("/");
  expect([page.status, page.body]).toEqual([200, "<title>OneCopy</title>"]);
  expect(page.headers["content-type"]).toMatch(/^text\/html/);
  expect(page.headers["cache-control"]).toBe("no-cache");
  expect((await rawGet("/activate")).body).toBe("<title>Activate</title>");
  const script = await rawGet("/assets/main-1a2b.js");
  expect(script.headers["content-type"]).toMatch(/^text\/javascript/);
  expect(script.headers["cache-control"]).toContain("immutable");
});

test("nothing that changed nothing is sent twice", async () => {
  const url = `http://127.0.0.1:${server.port}/`;
  const etag = (await fetch(url)).headers.get("etag") ?? "";
  expect((await fetch(url, { headers: { "If-None-Match": etag } })).status).toBe(304);
});

test.each([
  "/../secret.txt",
  "/%2e%2e/secret.txt",
  "/..%2fsecret.txt",
  "/assets/../../secret.txt",
  "/assets/..%5c..%5csecret.txt",
  "//etc/passwd",
  "/link.txt",
  "/index.html%00.js",
  "/assets",
  "/assets/",
])("no other file: %s", async (path) => {
  const answer = await rawGet(path);
  expect(answer.status).toBe(404);
  expect(answer.body).not.toContain("secret");
});

test("a folder without the built app is an error that says what to do", async () => {
  for (const missing of [join(folder, "nothing"), join(folder, "web", "assets")]) {
    await expect(webApp(missing)).rejects.toMatchObject({
      code: "server.web_app_missing",
      remedy: expect.stringContaining("npm run build"),
    });
  }
});
