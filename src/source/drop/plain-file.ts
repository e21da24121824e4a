import { createReadStream, createWriteStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { newId, OneCopyError } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";

/** A file's bytes, unpacked. Copies are made in the engine's spill folder only, and removed by `release`. */
export interface PlainFile {
  readonly path: string;
  release(): Promise<void>;
}

/** Unpacks a `.gz` whole, since the engine's own reader takes a cut-off one for complete; any other file is itself. */
export async function openPlain(session: Session, path: string): Promise<PlainFile> {
  if (!path.toLowerCase().endsWith(".gz")) return { path, release: async () => undefined };
  const copy = await spillPath(session);
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(copy));
  } catch (cause) {
    await rm(copy, { force: true });
    throw new OneCopyError("source.bad_gzip", `The file cannot be unpacked: ${(cause as Error).message}.`, {
      cause,
    });
  }
  return { path: copy, release: () => rm(copy, { force: true }) };
}

export async function spillPath(session: Session): Promise<string> {
  const [row] = await session.rows<{ folder: string }>("SELECT current_setting('temp_directory') AS folder");
  return join(row!.folder, `drop-${newId()}`);
}

/** The first bytes of a file, at most `length`. */
export async function readStart(path: string, length: number, position = 0): Promise<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The numbers, from 1, of the lines in which the bytes at `offsets` (ascending) lie. */
export async function lineNumbersAt(path: string, offsets: readonly number[]): Promise<number[]> {
  const lines: number[] = [];
  let line = 1;
  let start = 0;
  if (offsets.length === 0) return lines;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let at = 0;
    while (lines.length < offsets.length && offsets[lines.length]! < start + chunk.length) {
      const target = offsets[lines.length]! - start;
      for (let next = chunk.indexOf(10, at); next >= 0 && next < target; next = chunk.indexOf(10, at)) {
        line++;
        at = next + 1;
      }
      lines.push(line);
    }
    if (lines.length === offsets.length) return lines;
    for (let next = chunk.indexOf(10, at); next >= 0; next = chunk.indexOf(10, at)) {
      line++;
      at = next + 1;
    }
    start += chunk.length;
  }
  while (lines.length < offsets.length) lines.push(line);
  return lines;
}

/** Copies a file without the lines that begin at `starts` (ascending), and tells which bytes were left out. */
export async function copyWithoutLines(
  from: string,
  to: string,
  starts: readonly number[],
): Promise<ByteSpan[]> {
  const cuts: ByteSpan[] = [];
  let position = 0;
  let cutting = false;
  let following = 0;
  async function* kept(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      let at = 0;
      while (at < chunk.length) {
        if (cutting) {
          const end = chunk.indexOf(10, at);
          at = end < 0 ? chunk.length : end + 1;
          cuts[cuts.length - 1] = { start: cuts.at(-1)!.start, end: position + at };
          cutting = end < 0;
          continue;
        }
        while (following < starts.length && starts[following]! < position + at) following++;
        const next = starts[following];
        const until = next === undefined ? chunk.length : Math.min(chunk.length, next - position);
        if (until > at) yield chunk.subarray(at, until);
        at = until;
        if (next !== undefined && position + at === next && at < chunk.length) {
          cuts.push({ start: next, end: next });
          cutting = true;
        }
      }
      position += chunk.length;
    }
  }
  await pipeline(createReadStream(from, { highWaterMark: 1 << 20 }), kept, createWriteStream(to));
  return cuts;
}

/** `end` is exclusive. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** Where a byte of the shortened copy was in the whole file. */
export function positionBeforeCuts(position: number, cuts: readonly ByteSpan[]): number {
  let original = position;
  for (const { start, end } of cuts) {
    if (start > original) break;
    original += end - start;
  }
  return original;
}
