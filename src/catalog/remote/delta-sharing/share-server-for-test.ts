import { readFile } from "node:fs/promises";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a server of another make answers, as PROTOCOL.md shows it; for tests of what OneCopy's own server never does. */
export interface ShareServer {
  readonly url: string;
  /** By `GET /metadata` or `POST /query`: the lines, and headers of the answer. */
  readonly answers: Map<string, (body: Readonly<Record<string, unknown>>) => Answer>;
  /** By name: the file at `/file/<name>`, and whether it is given out now. */
  readonly files: Map<string, { readonly path: string; readonly status?: number }>;
  readonly requests: string[];
  close(): void;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly lines: readonly unknown[];
}

const table = "/shares/retail/schemas/crm/tables/customers";

export async function shareServer(): Promise<ShareServer> {
  const answers: ShareServer["answers"] = new Map();
  const files: ShareServer["files"] = new Map();
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url!, url);
    requests.push(`${request.method} ${pathname.replace(table, "")}${search}`);
    const file = /^\/file\/(.+)$/.exec(pathname)?.[1];
    if (file !== undefined) return await sendFile(request, response, file);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const found = answers.get(`${request.method} ${pathname.replace(table, "")}`);
    const isKnown = request.headers.authorization === "Bearer good";
    const { status, headers, lines } = !isKnown
      ? { status: 401, lines: [{ errorCode: "UNAUTHENTICATED", message: "no such token" }] }
      : (found?.(
          body === "" || body.startsWith("grant_type") ? {} : (JSON.parse(body) as Record<string, unknown>),
        ) ?? {
          status: 404,
          lines: [{ errorCode: "RESOURCE_DOES_NOT_EXIST", message: "no such table" }],
        });
    response.writeHead(status ?? 200, { "Delta-Table-Version": "7", ...headers });
    response.end(lines.map((line) => JSON.stringify(line)).join("\n"));
  }

  async function sendFile(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    const { path, status } = files.get(name) ?? { path: "", status: 404 };
    const isLeak = request.headers.authorization !== undefined;
    if (status !== undefined || isLeak) return void response.writeHead(isLeak ? 400 : status!).end();
    const bytes = await readFile(path);
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    if (range === null) return void response.writeHead(200).end(bytes);
    const [from, to] = [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)];
    if (from >= bytes.length) return void response.writeHead(416).end();
    response.writeHead(206, { "Content-Range": `bytes ${from}-${to}/${bytes.length}` });
    response.end(bytes.subarray(from, to + 1));
  }

  return { url, answers, files, requests, close: () => server.close() };
}
