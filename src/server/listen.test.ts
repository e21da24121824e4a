import { type Socket, connect } from "node:net";
import { ReadableStream } from "node:stream/web";
import { setTimeout as sleep } from "node:timers/promises";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Listening, listen } from "./listen.ts";

test("a port that is taken is an error that says what to do", async () => {
  const first = await listen(() => new Response("first"), "127.0.0.1", 0);
  await expect(listen(() => new Response("second"), "127.0.0.1", first.port)).rejects.toMatchObject({
    code: "server.port_in_use",
    message: expect.stringContaining(String(first.port)),
    remedy: expect.stringContaining("--port"),
  });
  expect(await (await fetch(`http://127.0.0.1:${first.port}/`)).text()).toBe("first");
  await first.stop();
});

test("an address that is not this machine's is an error", async () => {
  await expect(listen(() => new Response(""), "192.0.2.1", 0)).rejects.toMatchObject({
    code: "server.bad_host",
  });
});

test("stopping lets an answer that is under way finish, and takes no new request", async () => {
  const slow = await listen(
    async () => {
      await sleep(300);
      return new Response("whole");
    },
    "127.0.0.1",
    0,
  );
  const url = `http://127.0.0.1:${slow.port}/`;
  const underWay = fetch(url).then((response) => response.text());
  await sleep(100);
  const stopped = slow.stop();
  await expect(fetch(url)).rejects.toThrow("fetch failed");
  expect(await underWay).toBe("whole");
  const answered = performance.now();
  await stopped;
  expect(performance.now() - answered).toBeLessThan(2000);
});

test("a connection on which nothing happens does not hold up stopping", async () => {
  const server = await listen(() => new Response(""), "127.0.0.1", 0);
  const socket = connect(server.port, "127.0.0.1");
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  const before = performance.now();
  await server.stop();
  expect(performance.now() - before).toBeLessThan(6000);
  socket.destroy();
});

describe("a client that does not do its part", () => {
  const LONG = { headersMs: 60_000, requestMs: 60_000, stalledMs: 60_000, lookEveryMs: 50 };
  const STALLED_MS = 300;
  /** Two servers: one minds slow requests, one stalled answers, so that neither is in the other's way. */
  let forRequests: Listening;
  let forAnswers: Listening;
  /** Bytes that were made for answers, and answers that were ended. */
  const made = { bytes: 0, ended: 0 };

  beforeAll(async () => {
    forRequests = await listen(answer, "127.0.0.1", 0, { ...LONG, headersMs: 2000, requestMs: 3000 });
    forAnswers = await listen(answer, "127.0.0.1", 0, { ...LONG, stalledMs: STALLED_MS });
  });
  afterAll(async () => {
    await forRequests.stop();
    await forAnswers.stop();
  });

  async function answer(request: Request): Promise<Response> {
    if (request.method === "POST") return new Response(await request.text());
    if (request.url.endsWith("/late")) {
      await sleep(4 * STALLED_MS);
      return new Response("at last");
    }
    if (!request.url.endsWith("/endless")) return new Response("others are served");
    return new Response(ReadableStream.from(endless()) as unknown as ReadableStream<Uint8Array>);
  }
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        made.bytes += 2 ** 16;
        yield new Uint8Array(2 ** 16);
      }
    } finally {
      made.ended += 1;
    }
  }

  /** Sends one more byte every now and then, until the server has had enough: what it said. */
  async function dripping(start: string): Promise<string> {
    const socket = await opened(forRequests);
    let said = "";
    socket.on("data", (data: Buffer) => (said += data.toString()));
    socket.write(start);
    const drip = setInterval(() => socket.write("x"), 30);
    await othersAreServed(forRequests);
    await once(socket, "close");
    clearInterval(drip);
    return said;
  }
  async function opened({ port }: Listening): Promise<Socket> {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  }
  async function othersAreServed({ port }: Listening): Promise<void> {
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("others are served");
  }

  test("one that sends its headers, or its body, without end is told so and gone; others are served", async () => {
    const clients = [
      dripping("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
      dripping("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"),
    ];
    for (const said of await Promise.all(clients)) expect(said).toContain("408 Request Timeout");
  });

  test("one that takes nothing of its answer costs little, and is gone; others are served", async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => opened(forAnswers)));
    for (const socket of sockets) {
      socket.pause();
      socket.write("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }
    await othersAreServed(forAnswers);
    await vi.waitUntil(() => made.ended === sockets.length, { timeout: 60_000 });
    // What the two systems' buffers hold, and not what there is.
    expect(made.bytes / sockets.length).toBeLessThan(16 * 2 ** 20);
    for (const socket of sockets) socket.destroy();
  });

  test("an answer that takes long to begin is waited for", async () => {
    expect(await (await fetch(`http://127.0.0.1:${forAnswers.port}/late`)).text()).toBe("at last");
  });
});
