import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { listen } from "./listen.ts";

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
