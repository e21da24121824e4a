import { once } from "node:events";
import { type Socket, connect } from "node:net";

/**
 * A connection of HTTP/1.1 that asks one thing after the other. The client shares the machine with what it measures: it does no
 * more than find where an answer ends.
 */
export class HttpConnection {
  private received: Buffer = Buffer.alloc(0);
  private waiting: { resolve(answer: Buffer): void; reject(error: Error): void } | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly basePath: string,
    private readonly headers: string,
  ) {
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
      if (isWhole(this.received)) this.settle()?.resolve(this.received);
    });
    socket.on("error", (error) => this.settle()?.reject(error));
    socket.on("close", () => this.settle()?.reject(new Error("the server closed the connection")));
  }

  static async open(url: string, token: string | undefined): Promise<HttpConnection> {
    const { hostname, port, host, pathname } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    const authorization = token === undefined ? "" : `authorization: Bearer ${token}\r\n`;
    return new HttpConnection(socket, pathname.replace(/\/$/, ""), `host: ${host}\r\n${authorization}`);
  }

  /** The whole answer, with its headers. Fails unless its status is 200. */
  async expectOk(method: string, path: string, body?: object): Promise<Buffer> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const type =
      body === undefined
        ? ""
        : `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n`;
    this.received = Buffer.alloc(0);
    const answer = await new Promise<Buffer>((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(`${method} ${this.basePath}${path} HTTP/1.1\r\n${this.headers}${type}\r\n${text}`);
    });
    if (!answer.subarray(0, 13).equals(OK)) throw new Error(answer.toString("utf8", 0, 1000));
    return answer;
  }

  close(): void {
    this.socket.destroy();
  }

  private settle(): typeof this.waiting {
    const { waiting } = this;
    this.waiting = undefined;
    return waiting;
  }
}

const OK = Buffer.from("HTTP/1.1 200 ");
const END_OF_HEAD = Buffer.from("\r\n\r\n");

/** Whether the end of an answer's body is there (RFC 9112 §6.3): by its length, or by its last chunk. */
function isWhole(received: Buffer): boolean {
  const headEnd = received.indexOf(END_OF_HEAD);
  if (headEnd < 0) return false;
  const head = received.toString("latin1", 0, headEnd);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  const from = headEnd + END_OF_HEAD.length;
  return length === undefined ? lastChunkIn(received, from) : received.length >= from + Number(length);
}

/** RFC 9112 §7.1. */
function lastChunkIn(received: Buffer, from: number): boolean {
  for (let at = from; ;) {
    const end = received.indexOf("\r\n", at);
    if (end < 0) return false;
    const size = Number.parseInt(received.toString("latin1", at, end), 16);
    at = end + 2 + size + 2;
    if (received.length < at) return false;
    if (size === 0) return true;
  }
}
