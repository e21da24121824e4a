import {
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
  createServer,
  request,
} from "node:http";

/**
 * What becomes of a request: passed on, once or twice; answered in the server's place; or its connection broken before
 * or after it is passed on, in the middle of its body (`tear`: on both sides) or of its answer (`break midway`).
 */
export type Fate =
  | "pass"
  | "twice"
  | "tear"
  | "break before"
  | "break after"
  | "break midway"
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string };

export interface FaultyProxy {
  readonly endpoint: string;
  /** Method and path of every request that came. */
  readonly seen: string[];
  fate: (message: IncomingMessage) => Fate;
  /** The first of these fates for the first request with that method, and so on; the rest passes. Forgets what was seen. */
  next(method: string, ...fates: Fate[]): void;
  stop(): Promise<void>;
}

/** A server in front of a server, as load balancers and networks are on bad days. */
export async function startProxy(target: string): Promise<FaultyProxy> {
  const server = createServer((message, response) => {
    proxy.seen.push(`${message.method} ${message.url}`);
    const pieces: Buffer[] = [];
    message.on("data", (piece: Buffer) => pieces.push(piece));
    message.on("end", () => decide(proxy.fate(message), message, Buffer.concat(pieces), response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const proxy: FaultyProxy = {
    endpoint: `http://127.0.0.1:${address.port}`,
    seen: [],
    fate: () => "pass",
    next(method, ...fates) {
      proxy.seen.length = 0;
      proxy.fate = (message) => (message.method === method ? (fates.shift() ?? "pass") : "pass");
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };

  function decide(fate: Fate, message: IncomingMessage, body: Buffer, response: ServerResponse): void {
    if (fate === "break before") response.destroy();
    else if (typeof fate === "object") response.writeHead(fate.status, fate.headers).end(fate.body);
    else if (fate === "tear") tear(message, body, response);
    else if (fate === "twice")
      ask(message, body, () => pass("pass", message, body, response)).on("error", () => response.destroy());
    else pass(fate, message, body, response);
  }

  function onwards({ url, method, headers }: IncomingMessage): ClientRequest {
    return request(`${target}${url}`, { method: method!, headers });
  }

  function ask(
    message: IncomingMessage,
    body: Buffer,
    answered: (answer: IncomingMessage, whole: Buffer) => void,
  ): ClientRequest {
    return onwards(message)
      .on("response", (answer) => {
        const pieces: Buffer[] = [];
        answer.on("data", (piece: Buffer) => pieces.push(piece));
        answer.on("end", () => answered(answer, Buffer.concat(pieces)));
      })
      .end(body);
  }

  function pass(fate: Fate, message: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const asked = ask(message, body, (answer, whole) => {
      if (fate === "break after") return response.destroy();
      response.writeHead(answer.statusCode!, answer.headers);
      if (fate === "break midway")
        response.write(whole.subarray(0, whole.length / 2), () => response.destroy());
      else response.end(whole);
    });
    asked.on("error", () => response.destroy());
  }

  function tear(message: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const half = onwards(message).on("error", () => response.destroy());
    half.write(body.subarray(0, body.length / 2), () => {
      half.destroy();
      response.destroy();
    });
  }

  return proxy;
}
