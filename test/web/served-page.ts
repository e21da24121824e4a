import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";

/** What the admin API answers; tests change it while the page is open. */
export interface AdminAnswers {
  overview: unknown;
  search(text: string): unknown;
  profile(profileId: string): unknown;
}

export interface ServedPage {
  readonly url: string;
  readonly asked: string[];
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Serves the built page (dist/web) and `answers` behind `token`, under the policy that the page promises to work with. */
export async function servePage(answers: AdminAnswers, token: string, port = 0): Promise<ServedPage> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    response.setHeader("content-security-policy", "default-src 'self'; style-src 'self' 'unsafe-inline'");
    if (!url.pathname.startsWith("/api/")) return sendFile(url.pathname, response);
    asked.push(url.pathname + url.search);
    if (request.headers.authorization !== `Bearer ${token}`) {
      return sendJson(response, 401, {
        code: "access.unauthenticated",
        message: "No valid token.",
        remedy: "",
      });
    }
    const body =
      url.pathname === "/api/overview"
        ? answers.overview
        : url.pathname === "/api/profiles"
          ? answers.search(url.searchParams.get("q") ?? "")
          : answers.profile(decodeURIComponent(url.pathname.slice("/api/profiles/".length)));
    if (body !== undefined) return sendJson(response, 200, body);
    sendJson(response, 404, {
      code: "profile.not_found",
      message: "There is no profile with this id.",
      remedy: "Search for the person by name or e-mail.",
    });
  }

  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const name = normalize(path === "/" ? "/index.html" : path);
  const body = await readFile(join("dist/web", name)).catch(() => undefined);
  if (body === undefined) return void response.writeHead(404).end();
  response.writeHead(200, { "content-type": types[extname(name)] ?? "application/octet-stream" }).end(body);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
