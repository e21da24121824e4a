import { ReadableStream } from "node:stream/web";
import { refusalOf } from "../error.ts";
import { CAPABILITIES_HEADER, FILE_ID_HASH_HEADER, type ResponseFormat } from "./capabilities.ts";
import { SOMETHING_WRONG } from "./error.ts";
import { line } from "./lines.ts";

const CHUNK_CHARACTERS = 128 * 1024;

/** Text of whole lines, some at a time. */
export type Lines = AsyncIterable<string>;

export interface Streamed {
  /** PROTOCOL.md, `Delta-Table-Version`. */
  readonly version: number;
  readonly format: ResponseFormat;
  /** The client knows the line that closes an answer, and will miss it. */
  readonly endStreamAction: boolean;
  /** PROTOCOL.md, "File ID Hash Header": the scheme that the client asked for. */
  readonly fileIdHash?: string | undefined;
  readonly lines: Lines;
  /** Told of what goes wrong after the answer began. */
  readonly onError: (error: unknown) => void;
}

/** Lines, made only as fast as the client takes them, so that a table of any size needs no memory. */
export function streamed({
  version,
  format,
  endStreamAction,
  fileIdHash,
  lines,
  onError,
}: Streamed): Response {
  const body = ReadableStream.from(chunks(endStreamAction ? closed(lines, onError) : lines));
  return new Response(body as unknown as ConstructorParameters<typeof Response>[0], {
    headers: {
      ...(fileIdHash === undefined ? {} : { [FILE_ID_HASH_HEADER]: fileIdHash }),
      "Content-Type": "application/x-ndjson; charset=utf-8",
      "Delta-Table-Version": String(version),
      [CAPABILITIES_HEADER]: `responseformat=${format}${endStreamAction ? ";includeendstreamaction=true" : ""}`,
    },
  });
}

/** The status has left already when something goes wrong: the last line says so, or else the connection breaks off. */
async function* closed(lines: Lines, onError: (error: unknown) => void): Lines {
  try {
    yield* lines;
  } catch (error) {
    onError(error);
    yield line({ endStreamAction: { errorMessage: messageFor(error) } });
  }
}

function messageFor(error: unknown): string {
  return refusalOf(error) === undefined ? SOMETHING_WRONG : (error as Error).message;
}

async function* chunks(lines: Lines): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = "";
  let isFirst = true;
  for await (const some of lines) {
    text += some;
    // What the table is goes ahead: the client need not wait for the first files.
    if (!isFirst && text.length < CHUNK_CHARACTERS) continue;
    isFirst = false;
    yield encoder.encode(text);
    text = "";
  }
  if (text !== "") yield encoder.encode(text);
}
