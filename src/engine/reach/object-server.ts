import { randomBytes, timingSafeEqual } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { newId, sha256 } from "../../base/index.ts";
import type { PartialCopy } from "./partial-copy.ts";

/**
 * Objects for the engine of this process, by ranges over HTTP: at the loopback address, for whoever has the token, which
 * nobody else gets.
 */
export class ObjectServer {
  readonly token = randomBytes(32).toString("base64url");
  private readonly server: Server;
  private readonly objects = new Map<string, PartialCopy>();
  private readonly failures = new Map<string, unknown>();

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.unref();
  }

  static async start(): Promise<ObjectServer> {
    const one = new ObjectServer();
    await new Promise<void>((resolve, reject) => {
      one.server.once("error", reject);
      one.server.listen(0, "127.0.0.1", resolve);
    });
    return one;
  }

  /** What all addresses begin with. */
  get scope(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** Its address, as long as the server runs. */
  add(copy: PartialCopy): string {
    const name = `${newId()}.parquet`;
    this.objects.set(name, copy);
    return this.scope + name;
  }

  /** Why an object could not be given, of which an error of the engine speaks. */
  causeOf(message: string): unknown {
    const name = new RegExp(`${this.scope.replaceAll(".", "\\.")}([0-9a-f-]{36}\\.parquet)`).exec(
      message,
    )?.[1];
    return name === undefined ? undefined : this.failures.get(name);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = (request.url ?? "").slice(1);
    const copy = this.isAllowed(request) ? this.objects.get(name) : undefined;
    if (copy === undefined) return void response.writeHead(404).end();
    const { sizeBytes } = copy;
    const headers = { "accept-ranges": "bytes", etag: `"${name}"` };
    if (request.method === "HEAD")
      return void response.writeHead(200, { ...headers, "content-length": sizeBytes }).end();
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const from = Number(first ?? 0);
    const end = Math.min(sizeBytes, last === undefined ? sizeBytes : Number(last) + 1);
    if (from >= end)
      return void response.writeHead(416, { ...headers, "content-range": `bytes */${sizeBytes}` }).end();
    try {
      const pieces = copy.read(from, end);
      // Before it is said that there are any.
      const piece = await pieces.next();
      const range = last === undefined ? {} : { "content-range": `bytes ${from}-${end - 1}/${sizeBytes}` };
      response.writeHead(last === undefined ? 200 : 206, {
        ...headers,
        ...range,
        "content-length": end - from,
      });
      if (piece.done !== true) response.write(piece.value);
      await pipeline(pieces, response);
      this.failures.delete(name);
    } catch (error) {
      if (response.destroyed && response.headersSent) return;
      this.failures.set(name, error);
      // No 5xx, which the engine would ask for again; the store was asked again already.
      if (response.headersSent) response.destroy();
      else response.writeHead(404).end();
    }
  }

  private isAllowed({ headers }: IncomingMessage): boolean {
    const [given, expected] = [headers.authorization ?? "", `Bearer ${this.token}`].map((text) =>
      Buffer.from(sha256(text)),
    );
    return timingSafeEqual(given!, expected!);
  }
}
