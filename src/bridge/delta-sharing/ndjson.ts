import { ReadableStream } from "node:stream/web";

const CHUNK_CHARACTERS = 64 * 1024;

/** One JSON value a line, made only as fast as the client takes them, so that a table of any size needs no memory. */
export function ndjson(values: Iterable<unknown>): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks(values));
}

function* chunks(values: Iterable<unknown>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = "";
  for (const value of values) {
    text += `${JSON.stringify(value)}\n`;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield encoder.encode(text);
    text = "";
  }
  if (text !== "") yield encoder.encode(text);
}
