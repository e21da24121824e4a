import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Acknowledged {
  readonly id: number;
  readonly ms: number;
  /** How often the caller began again because of a conflict. */
  readonly lost?: number;
}

export interface Running {
  /** What it wrote, once it has ended; fails when it failed. */
  readonly done: Promise<Acknowledged[]>;
  /** It has written this many rows. */
  readonly written: (count: number) => Promise<void>;
  /** Ends its stdin, which a writer without an end of its own takes as the word to stop. */
  readonly stop: () => void;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

type Environment = Readonly<Record<string, string>>;

export function startPython(environment: Environment, script: string, ...args: string[]): Running {
  return start(environment, `${root}/.venv/bin/python`, [
    "-W",
    "ignore",
    `${root}/test/contention/${script}`,
    ...args,
  ]);
}

export function startNode(environment: Environment, ...args: string[]): Running {
  return start(environment, process.execPath, args);
}

function start(environment: Environment, command: string, args: readonly string[]): Running {
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let [output, complaints] = ["", ""];
  const rows = (): string[] => output.split("\n").slice(0, -1);
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  const done = new Promise<Acknowledged[]>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(rows().map((line) => JSON.parse(line) as Acknowledged));
      else reject(new Error(`${args.join(" ")} ended with ${code}: ${complaints.slice(-3000)}`));
    });
  });
  done.catch(() => undefined); // whoever waits for it hears of it
  return {
    done,
    written: (count) =>
      Promise.race([
        new Promise<void>((resolve) => {
          const look = (): void => {
            if (rows().length >= count) resolve();
          };
          child.stdout.on("data", look);
          look();
        }),
        done.then(() => undefined),
      ]),
    stop: () => child.stdin.end(),
  };
}
