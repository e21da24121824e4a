import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../bin/onecopy", import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command as a user would. `killAfterMs`: SIGKILL, as a power cut would. */
export function onecopy(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly killAfterMs?: number;
    /** Beside the variables that this process has. */
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
    if (options.killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), options.killAfterMs);
  });
}

/**
 * The built command in one process, run after run. For commands that only read, beside {@link onecopy} for those that write:
 * nothing is found in memory that was not written.
 */
export function warmCommand(): {
  readonly run: (args: readonly string[]) => Promise<Finished>;
  end(): void;
} {
  const child = fork(fileURLToPath(new URL("warm-process.mjs", import.meta.url)), { silent: true });
  const ended = once(child, "exit").then(() => {
    throw new Error("The process in which commands run has ended.");
  });
  ended.catch(() => undefined);
  let last: Promise<unknown> = Promise.resolve();
  const run = async (args: readonly string[]): Promise<Finished> => {
    const answer = once(child, "message") as Promise<[Finished]>;
    child.send({ args });
    return (await Promise.race([answer, ended]))[0];
  };
  return {
    run: (args) => {
      const turn = last.then(() => run(args));
      last = turn.catch(() => undefined);
      return turn;
    },
    end: () => void child.kill("SIGKILL"),
  };
}

export interface Serving {
  readonly url: string;
  readonly pid: number;
  /** The admin token of this session. */
  readonly token: string;
  /** All that it has written to its standard error, and to its standard output since it served. */
  log(): string;
  /** Asks the process to end, and gives its exit code. */
  stop(): Promise<number | null>;
}

/** `onecopy serve` on a free port, once it says that it serves. `environment`: beside the variables that this process has. */
export function serve(project: string, environment: Readonly<Record<string, string>> = {}): Promise<Serving> {
  const args = [BIN, "--project", project, "serve", "--port", "0", "--json"];
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], env });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk.toString("utf8");
    process.stderr.write(chunk);
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return new Promise((resolve, reject) => {
    let output = "";
    let isServing = false;
    child.once("error", reject);
    void ended.then((code) => reject(new Error(`onecopy serve ended with ${code}`)));
    child.stdout.on("data", (chunk: Buffer) => {
      if (isServing) log += chunk.toString("utf8");
      else output += chunk.toString("utf8");
      if (isServing || !output.trimEnd().endsWith("}")) return;
      isServing = true;
      const { url, page } = JSON.parse(output) as { url: string; page: string };
      const stop = () => (child.kill("SIGTERM"), ended);
      resolve({ url, pid: child.pid!, token: page.split("#token=")[1]!, log: () => log, stop });
    });
  });
}
