import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { sha256 } from "./hash.ts";

/** One boot of one machine, and one namespace of process numbers in it: where numbers can be compared. */
const place = sha256(`${bootId()} ${processNamespace()}`).slice(0, 12);

/**
 * Names this process in what it leaves on disk, so that another one can tell whether it still runs:
 * `<place>.<pid>.<start>`. A number alone would not do: numbers are given again, and each container counts its own.
 */
export const processTag = `${place}.${process.pid}.${startOf(process.pid) ?? "0"}`;

/** `elsewhere`: a process of another machine, container or boot; from here nobody can tell. */
export type Liveness = "running" | "gone" | "elsewhere";

/** Whether the process that made a {@link processTag} still runs. A text that is no tag is `elsewhere`. */
export function liveness(tag: string): Liveness {
  const [where, pid, start] = tag.split(".");
  if (where !== place || pid === undefined || !/^[1-9]\d*$/.test(pid)) return "elsewhere";
  const started = startOf(Number(pid));
  if (started !== undefined) return started === start ? "running" : "gone";
  return start === "0" && exists(Number(pid)) ? "running" : "gone";
}

/** Ticks from boot to the process's start (proc(5), field 22); nothing where there is no /proc or no such process. */
function startOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The second field is the command in brackets, and may itself hold brackets and spaces.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === "Z" || state === "X" ? undefined : fields[18];
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8");
  } catch {
    return hostname();
  }
}

function processNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
