import { readFile, readdir, readlink } from "node:fs/promises";

/** What a process of this machine holds (proc(5)). */
export interface Health {
  readonly residentMb: number;
  readonly sockets: number;
  /** Open files below `folder`. */
  readonly files: readonly string[];
}

export async function healthOf(pid: number, folder: string): Promise<Health> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const places = await Promise.all(
    (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")),
  );
  return {
    residentMb: Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1]) / 1024,
    sockets: places.filter((place) => place.startsWith("socket:")).length,
    files: places.filter((place) => place.startsWith(folder)),
  };
}

/** Waits until a process holds no more than it should; what it holds at the end of the wait. */
export async function settled(
  pid: number,
  folder: string,
  isEnough: (health: Health) => boolean,
  waitMs: number,
): Promise<Health> {
  const untilMs = performance.now() + waitMs;
  for (;;) {
    const health = await healthOf(pid, folder);
    if (isEnough(health) || performance.now() > untilMs) return health;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** The memory of a process over time. */
export class Memory {
  private readonly samples: number[] = [];

  add({ residentMb }: Health): void {
    this.samples.push(residentMb);
  }

  /** The mean of a part of the time, from and to in 0 … 1. */
  mean(from: number, to: number): number {
    const part = this.samples.slice(
      Math.floor(this.samples.length * from),
      Math.ceil(this.samples.length * to),
    );
    return part.reduce((sum, mb) => sum + mb, 0) / part.length;
  }

  get most(): number {
    return Math.max(...this.samples);
  }
}
