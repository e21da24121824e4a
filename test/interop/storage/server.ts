import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const servers = join(root, ".cache/object-stores");

/** A real server on this machine, and how stores in it are opened. */
export interface ObjectServer {
  readonly endpoint: string;
  /** The variables by which OneCopy reaches it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The address of a new, empty part of it. */
  newAddress(): string;
  stop(): Promise<void>;
}

export const extensionFolder = join(root, ".venv/duckdb-extensions");

export const versitygwPath = join(servers, "bin/versitygw");

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

type Environment = Readonly<Record<string, string>>;

/** Starts a server, and waits until it answers at all; it is stopped by its own process id, and its files go. */
export async function startServer(
  command: string,
  args: (port: number, folder: string) => readonly string[],
  environment: Environment | ((port: number, folder: string) => Environment) = {},
): Promise<{ readonly endpoint: string; readonly port: number; readonly stop: () => Promise<void> }> {
  const path = isAbsolute(command)
    ? command
    : command.startsWith("node_modules/")
      ? join(root, command)
      : join(servers, command);
  if (!existsSync(path)) throw new Error(`${path} is missing: run scripts/object-stores.sh`);
  const folder = await mkdtemp(join(tmpdir(), "onecopy-server-"));
  const port = await freePort();
  const variables = typeof environment === "function" ? environment(port, folder) : environment;
  const isScript = command.startsWith("node_modules/");
  const child = spawn(
    isScript ? process.execPath : path,
    [...(isScript ? [path] : []), ...args(port, folder)],
    { cwd: folder, stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...variables } },
  );
  let complaints = "";
  child.stderr?.on("data", (text: Buffer) => (complaints = (complaints + text.toString()).slice(-5000)));
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    await endProcess(child);
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + 90_000;
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`${command} did not start: ${complaints}`);
    }
    await sleep(100);
  }
  return { endpoint, port, stop };
}

async function answers(endpoint: string): Promise<boolean> {
  return await fetch(endpoint).then(
    () => true,
    () => false,
  );
}

export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await exited;
}
