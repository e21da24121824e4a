import { isUtf8 } from "node:buffer";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { newId } from "../../base/index.ts";
import type { Session } from "../../engine/index.ts";

const LINE_FEED = 10;

/**
 * Gives `read` a copy of a text file in which every line is UTF-8: a line that is not is taken for Windows-1252 (of which
 * Latin-1 is a part), so a file that two systems wrote to is right in both parts. The copy is gone afterwards.
 */
export async function withoutForeignBytes<T>(
  session: Session,
  path: string,
  read: (copy: string) => Promise<T>,
): Promise<T> {
  const packed = path.toLowerCase().endsWith(".gz");
  const name = packed ? basename(path).slice(0, -".gz".length) : basename(path);
  const copy = join(session.scratchFolder, `${newId()}-${name}`);
  try {
    const source = createReadStream(path, { highWaterMark: 1 << 20 });
    await (packed
      ? pipeline(source, createGunzip(), asUtf8, createWriteStream(copy))
      : pipeline(source, asUtf8, createWriteStream(copy)));
    return await read(copy);
  } finally {
    await rm(copy, { force: true });
  }
}

async function* asUtf8(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end === 0) {
      rest.push(chunk);
      continue;
    }
    yield linesAsUtf8(Buffer.concat([...rest, chunk.subarray(0, end)]));
    rest = [chunk.subarray(end)];
  }
  yield linesAsUtf8(Buffer.concat(rest));
}

function linesAsUtf8(lines: Buffer): Buffer {
  if (isUtf8(lines)) return lines;
  const windows = new TextDecoder("windows-1252");
  const found: Buffer[] = [];
  for (let at = 0; at < lines.length;) {
    const next = lines.indexOf(LINE_FEED, at);
    const line = lines.subarray(at, next === -1 ? lines.length : next + 1);
    found.push(isUtf8(line) ? line : Buffer.from(windows.decode(line), "utf8"));
    at += line.length;
  }
  return Buffer.concat(found);
}
