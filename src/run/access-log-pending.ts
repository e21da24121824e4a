import { ACCESS_LOG_FOLDER } from "../access/index.ts";
import { OneCopyError } from "../base/index.ts";
import type { ObjectEntry, Store } from "../storage/index.ts";

/** How much of the log one commit takes up. */
const BATCH_BYTES = 64 * 1024 * 1024;

/** One object of a writer's log. */
export interface Part {
  readonly key: string;
  readonly number: number;
  readonly sizeBytes: number;
}

/** What lies in the lake's log of accesses. */
export interface PendingAccesses {
  /** By writer, the parts that no run has taken up, or that one has and could not remove; in their order. */
  readonly parts: ReadonlyMap<string, readonly Part[]>;
  /** Those that grow, as they were when they were listed; a run may have taken them up to some byte. */
  readonly files: readonly ObjectEntry[];
}

export async function pendingAccesses(lake: Store): Promise<PendingAccesses> {
  // A writer's part is there before its next one is begun, yet one listing may see the later and have passed by the
  // earlier: all that lies before what the first listing saw is in the second.
  const seen = await listed(lake);
  const now = await listed(lake);
  const parts = [...seen.parts].map(([writer, before]) => {
    const last = before.at(-1)?.number ?? -1;
    return [writer, (now.parts.get(writer) ?? []).filter(({ number }) => number <= last)] as const;
  });
  return { parts: new Map(parts), files: now.files };
}

/** Lines of a writer's log, and how far the log is in the table with them. */
export interface Piece {
  readonly lines: readonly Uint8Array[];
  readonly upTo: number;
}

async function listed(lake: Store): Promise<{ parts: Map<string, Part[]>; files: ObjectEntry[] }> {
  const byWriter = new Map<string, Part[]>();
  const files: ObjectEntry[] = [];
  for await (const entry of lake.list(ACCESS_LOG_FOLDER)) {
    const [writer, file] = entry.key.slice(ACCESS_LOG_FOLDER.length).split("/");
    if (writer === undefined) continue;
    if (file === undefined && writer.endsWith(".ndjson")) files.push(entry);
    const number = /^(\d{12})\.ndjson$/.exec(file ?? "")?.[1];
    if (number === undefined) continue;
    const parts = byWriter.get(writer) ?? [];
    byWriter.set(writer, parts);
    parts.push({ key: entry.key, number: Number(number), sizeBytes: entry.sizeBytes });
  }
  return { parts: byWriter, files };
}

/** The name of a file that grows. */
export function writerOf(key: string): string {
  return key.slice(ACCESS_LOG_FOLDER.length, -".ndjson".length);
}

/** Parts that one commit takes up, again and again. */
export function* batches(parts: readonly Part[]): Generator<readonly Part[]> {
  let batch: Part[] = [];
  let sizeBytes = 0;
  for (const part of parts) {
    if (batch.length > 0 && sizeBytes + part.sizeBytes > BATCH_BYTES) {
      yield batch;
      [batch, sizeBytes] = [[], 0];
    }
    batch.push(part);
    sizeBytes += part.sizeBytes;
  }
  if (batch.length > 0) yield batch;
}

export async function partsAfter(
  lake: Store,
  batch: readonly Part[],
  done: number,
): Promise<Piece | undefined> {
  const left = batch.filter(({ number }) => number > done);
  if (left.length === 0) return undefined;
  const lines = await Promise.all(
    left.map(async ({ key }) => {
      const found = await lake.get(key);
      if (found.kind === "found") return found.body;
      throw new OneCopyError("run.access_log_gone", `${key} of the log of accesses is gone.`, {
        remedy: "Another run has taken it up: run again. Else see who deletes objects of the lake.",
      });
    }),
  );
  return { lines, upTo: left.at(-1)!.number };
}

/** The lines of a file that grows, from a byte on: those that are whole, as far as it went when it was listed. */
export async function linesAfter(
  lake: Store,
  { key, sizeBytes }: ObjectEntry,
  done: number,
): Promise<Piece | undefined> {
  const length = Math.min(BATCH_BYTES, Math.max(0, sizeBytes - done));
  const found = await lake.get(key, { offset: done, length });
  if (found.kind === "absent") return undefined;
  const bytes = wholeLines(Buffer.from(found.body.buffer, found.body.byteOffset, found.body.length));
  return bytes === 0 ? undefined : { lines: [found.body.subarray(0, bytes)], upTo: done + bytes };
}

/**
 * How many bytes are lines up to the first that is empty, or half there: what somebody is just writing, or was when the machine stopped.
 * Nothing that was told to be durable comes after it.
 */
function wholeLines(body: Buffer): number {
  for (let end = 0; ;) {
    const next = body.indexOf("\n", end);
    if (next <= end || !isJson(body.toString("utf8", end, next))) return end;
    end = next + 1;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
