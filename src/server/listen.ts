import { type Server, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Http2Bindings, type HttpBindings, getRequestListener } from "@hono/node-server";
import { OneCopyError } from "../base/index.ts";

/** How long answers under way may take when the server is stopped. */
const GRACE_MS = 5000;

/** How long a client may keep a connection without doing its part. */
export interface Patience {
  /** For all headers of a request to come. */
  readonly headersMs: number;
  /** For all of a request to come. */
  readonly requestMs: number;
  /** Without taking anything of an answer that waits for it, as far as the system tells: it does so by the megabyte. */
  readonly stalledMs: number;
  /** How often it is looked whether that is over. */
  readonly lookEveryMs: number;
}

const PATIENCE: Patience = { headersMs: 10_000, requestMs: 30_000, stalledMs: 60_000, lookEveryMs: 2000 };

/** The two sides of the connection that a request came by. */
export type Connection = HttpBindings | Http2Bindings;

export interface Listening {
  readonly port: number;
  /** Lets answers that are under way finish, for a few seconds, and takes no new request. */
  stop(): Promise<void>;
}

/** Serves HTTP. Port 0 takes a free one. Fails with `server.port_in_use`, `server.port_not_allowed`, `server.bad_host`. */
export async function listen(
  fetch: (request: Request, connection: Connection) => Response | Promise<Response>,
  host: string,
  port: number,
  { headersMs, requestMs, stalledMs, lookEveryMs }: Patience = PATIENCE,
): Promise<Listening> {
  // A client that sends slowly, or nothing, does not keep a connection for ever. One between two requests has longer than
  // clients and reverse proxies keep theirs (a minute), so that it is they who close it: else their next request might meet a
  // connection that is just being closed, and fail.
  const answer = getRequestListener(fetch);
  const limits = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: lookEveryMs,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16 * 1024,
  };
  const answering = new WeakSet<Socket>();
  const server = createServer(limits, (incoming, outgoing) => {
    const { socket } = incoming;
    answering.add(socket);
    outgoing.once("close", () => answering.delete(socket));
    void answer(incoming, outgoing);
  });
  // Nor does one that takes nothing, or asks nothing; an answer that takes long to begin is not the client's fault.
  server.setTimeout(stalledMs, (socket) => {
    if (socket.writableLength > 0 || !answering.has(socket)) socket.destroy();
    else socket.setTimeout(stalledMs);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(listenError(cause, host, port)));
    server.listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, stop: () => stop(server) };
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection is idle again, and kept open for the next request, once its answer is out.
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const forced = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(forced);
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (cause.code) {
    case "EADDRINUSE":
      return new OneCopyError("server.port_in_use", `Port ${port} on ${host} is in use by another process.`, {
        remedy: "Stop that process, or choose another port with --port N (0 takes a free one).",
        cause,
      });
    case "EACCES":
      return new OneCopyError(
        "server.port_not_allowed",
        `This user may not listen on port ${port} of ${host}.`,
        {
          remedy: "Choose a port above 1023 with --port N.",
          cause,
        },
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new OneCopyError("server.bad_host", `${host} is not an address of this machine.`, {
        remedy: "Use 127.0.0.1, and a reverse proxy with TLS in front of it for other machines.",
        cause,
      });
    default:
      return cause;
  }
}
