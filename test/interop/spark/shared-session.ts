import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type Socket, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";
import { LineProcess } from "../line-process.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The Unix socket at which Spark answers. */
    readonly spark: string;
  }
}

/**
 * One Spark for all test files, started by the first that asks: a session takes seconds to start, and its first statement of each
 * kind five times as long as the next.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const scratch = await mkdtemp(join(tmpdir(), "onecopy-spark-"));
  let session: Promise<Session> | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)));
    const answer = async (line: string): Promise<void> => {
      session ??= Session.start(scratch);
      const found = await session
        .then((spark) => spark.ask(JSON.parse(line) as object))
        .catch((error: unknown) => ({ error: String(error) }));
      socket.write(`${JSON.stringify(found)}\n`);
    };
    // Of one file one after the other, so that the answers come in order.
    let last = Promise.resolve();
    createInterface({ input: socket }).on("line", (line) => {
      last = last.then(() => answer(line));
    });
  });
  const address = join(scratch, "socket");
  await once(server.listen(address), "listening");
  project.provide("spark", address);
  return async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await session?.then((spark) => spark.close()).catch(() => undefined);
    await rm(scratch, { recursive: true, force: true });
  };
}

const root = fileURLToPath(new URL("../../..", import.meta.url));

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** `session.py`, asked by several at once. */
class Session {
  private readonly waiting = new Map<number, Waiting>();
  private asked = 0;

  private constructor(private readonly process: LineProcess) {}

  static async start(scratch: string): Promise<Session> {
    const script = `${root}/test/interop/spark/session.py`;
    const process = new LineProcess(`${root}/.cache/spark/venv/bin/python`, [
      "-W",
      "ignore",
      script,
      scratch,
    ]);
    await process.answer();
    const session = new Session(process);
    void session.listen();
    return session;
  }

  ask(request: object): Promise<unknown> {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.process.tell({ ...request, id });
    });
  }

  async close(): Promise<void> {
    await this.process.close();
  }

  private async listen(): Promise<void> {
    try {
      for (;;) {
        const { id, ...answer } = (await this.process.answer()) as { readonly id: number };
        this.waiting.get(id)!.resolve(answer);
        this.waiting.delete(id);
      }
    } catch (error) {
      for (const { reject } of this.waiting.values()) reject(error);
    }
  }
}
