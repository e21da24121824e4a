import { readFile, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { Hono } from "hono";
import { getMimeType } from "hono/utils/mime";
import { OneCopyError, sha256 } from "../base/index.ts";

interface WebFile {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The built web app. Its few files are read once, so that no address ever becomes a path on the disk.
 * Fails with `server.web_app_missing`.
 */
export async function webApp(folder: string): Promise<Hono> {
  const files = await readFolder(folder);
  if (!files.has("/index.html")) {
    throw new OneCopyError("server.web_app_missing", `There is no built web app in ${folder}.`, {
      remedy: "Build it with `npm run build`.",
    });
  }
  const app = new Hono();
  app.get("*", (c) => {
    const { path } = c.req;
    const file = files.get(path === "/" ? "/index.html" : path) ?? files.get(`${path}.html`);
    if (file === undefined) return c.notFound();
    const etag = file.headers["ETag"];
    if (c.req.header("if-none-match") === etag) return c.body(null, 304, { ...file.headers });
    return c.body(file.body, 200, { ...file.headers });
  });
  return app;
}

async function readFolder(folder: string): Promise<ReadonlyMap<string, WebFile>> {
  let entries;
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch {
    return new Map();
  }
  const files = new Map<string, WebFile>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const address = `/${relative(folder, path).split(sep).join("/")}`;
    const body = new Uint8Array(await readFile(path));
    files.set(address, { body, headers: headersOf(address, body) });
  }
  return files;
}

function headersOf(address: string, body: Uint8Array): Record<string, string> {
  // The build puts a hash of the content into the names below assets/.
  const cache = address.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
  return {
    "Content-Type": getMimeType(address) ?? "application/octet-stream",
    "Cache-Control": cache,
    ETag: `"${sha256(body).slice(0, 32)}"`,
  };
}
