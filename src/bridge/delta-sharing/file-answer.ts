import { ReadableStream } from "node:stream/web";
import { OneCopyError } from "../../base/index.ts";
import type { ByteRange, ObjectEntry, Store } from "../../storage/index.ts";
import { refuse } from "../error.ts";
import { parseRange } from "./byte-range.ts";
import { whileAllowed } from "./watch.ts";

/** What the sender of a file is asked, and tells, while the bytes leave. */
export interface Watch {
  /** Asked every second: whether the client may still read. */
  readonly stillAllowed: () => Promise<boolean>;
  /** Told how much went out, at the end. */
  readonly sent: (bytes: number) => Promise<void>;
}

const CHUNK_BYTES = 4 * 1024 * 1024;

/** An object of the lake as an HTTP answer: whole or in part, with ETag; a HEAD gets the headers alone. */
export async function fileAnswer(
  lake: Store,
  key: string,
  request: Request,
  { sent, stillAllowed }: Watch,
): Promise<Response> {
  const head = await lake.head(key);
  if (head.kind === "absent") throw refuse("not_found", "The file is gone. Query the table again.");
  const { entry } = head;
  const etag = `"${entry.etag.replaceAll(/[^\x21\x23-\x7e]/g, "")}"`;
  const headers = new Headers({
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-store",
    "Content-Type": "application/octet-stream",
    ETag: etag,
  });
  // A range of another object than the client has begun with would make a broken file (RFC 9110 §13.1.5).
  const condition = request.headers.get("if-range");
  const wanted = condition === null || condition === etag ? request.headers.get("range") : null;
  const asked = parseRange(wanted ?? undefined, entry.sizeBytes);
  if (asked.kind === "unsatisfiable") {
    headers.set("Content-Range", `bytes */${entry.sizeBytes}`);
    return new Response(null, { status: 416, headers });
  }
  const range = asked.kind === "part" ? asked.range : { offset: 0, length: entry.sizeBytes };
  headers.set("Content-Length", String(range.length));
  if (asked.kind === "part") {
    const last = range.offset + range.length - 1;
    headers.set("Content-Range", `bytes ${range.offset}-${last}/${entry.sizeBytes}`);
  }
  const body =
    request.method === "HEAD"
      ? null
      : ReadableStream.from(counted(whileAllowed(chunks(lake, entry, range), stillAllowed, key), sent));
  return new Response(body, { status: asked.kind === "part" ? 206 : 200, headers });
}

/** The bytes, read as fast as the client takes them. */
async function* chunks(lake: Store, entry: ObjectEntry, range: ByteRange): AsyncGenerator<Uint8Array> {
  const end = range.offset + range.length;
  for (let offset = range.offset; offset < end;) {
    const part = await lake.get(entry.key, { offset, length: Math.min(CHUNK_BYTES, end - offset) });
    // The status has left already: the connection breaks off, which is how the client learns of it.
    if (part.kind === "absent" || part.entry.etag !== entry.etag || part.body.length === 0) {
      throw new OneCopyError("bridge.file_changed", `${entry.key} changed while it was being sent.`);
    }
    yield part.body;
    offset += part.body.length;
  }
}

/** Also of an answer that broke off. The last of the bytes waits for `sent`. */
async function* counted(
  parts: AsyncGenerator<Uint8Array>,
  sent: (bytes: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const part of parts) {
      bytes += part.length;
      yield part;
    }
  } finally {
    await sent(bytes);
  }
}
