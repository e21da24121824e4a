import type { Store } from "../../storage/index.ts";
import { keyIn } from "../path.ts";
import { putSurely } from "../put-surely.ts";

/** What the last vacuum left: nothing below this version has anything of its own any more. */
export interface VacuumMark {
  readonly oldest: number;
  readonly atMs: number;
}

/** Everything else beside it was made to see what time it is for the store. */
export function isMark(key: string): boolean {
  return [name, purgedMark].some((one) => key.endsWith(`/${one}`) || key === one);
}

const purgedMark = "_iceberg/maintain/purged.json";

/** Values were purged: nothing before this version counts any more. */
export interface PurgeMark {
  readonly version: number;
  /** false: a purge is at work, or died; something of before may still be there. */
  readonly isFinished: boolean;
}

/** Version 0: nothing was ever purged. */
export async function readPurged(store: Store, folder: string): Promise<PurgeMark> {
  const { version, isFinished } = await read<PurgeMark>(store, folder, purgedMark);
  return Number.isSafeInteger(version)
    ? { version: version!, isFinished: isFinished !== false }
    : { version: 0, isFinished: true };
}

export async function writePurged(store: Store, folder: string, mark: PurgeMark): Promise<void> {
  await putSurely(store, keyIn(folder, purgedMark), `${JSON.stringify(mark)}\n`);
}

const name = "_iceberg/maintain/vacuum.json";

export async function readMark(store: Store, folder: string): Promise<VacuumMark | undefined> {
  const { oldest, atMs } = await read<VacuumMark>(store, folder, name);
  return Number.isSafeInteger(oldest) && Number.isFinite(atMs) ? { oldest: oldest!, atMs: atMs! } : undefined;
}

/** One that is not there, or broken, says nothing. */
async function read<T>(store: Store, folder: string, path: string): Promise<Partial<T>> {
  const found = await store.get(keyIn(folder, path), { offset: 0, length: 4096 });
  if (found.kind === "absent") return {};
  try {
    return (JSON.parse(new TextDecoder().decode(found.body)) as Partial<T> | null) ?? {};
  } catch {
    return {};
  }
}

/** Losing it costs a vacuum that has nothing to do. */
export async function writeMark(store: Store, folder: string, mark: VacuumMark): Promise<void> {
  await putSurely(store, keyIn(folder, name), `${JSON.stringify(mark)}\n`);
}
