import { OneCopyError } from "../../base/index.ts";

/** An answer's whole body. `onPiece` hears of every piece that arrives. Fails when the connection breaks midway. */
export async function readBody(
  response: Response,
  mostBytes: number,
  onPiece: () => void,
): Promise<Uint8Array> {
  const stated = Number(response.headers.get("content-length") ?? Number.NaN);
  if (response.body === null) return new Uint8Array();
  if (stated > mostBytes) {
    await response.body.cancel();
    throw tooLarge(stated, mostBytes);
  }
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    onPiece();
    pieces.push(value);
    sizeBytes += value.length;
    if (sizeBytes > mostBytes) {
      await reader.cancel();
      throw tooLarge(sizeBytes, mostBytes);
    }
  }
  if (!Number.isNaN(stated) && stated !== sizeBytes)
    throw new Error(`the answer ended after ${sizeBytes} of ${stated} bytes`);
  const [only] = pieces;
  return pieces.length === 1 ? only! : Buffer.concat(pieces, sizeBytes);
}

function tooLarge(sizeBytes: number, mostBytes: number): OneCopyError {
  return new OneCopyError(
    "storage.too_large",
    `An answer of ${sizeBytes} bytes or more is too large; ${mostBytes} bytes is the most for one read.`,
    { remedy: "Read it by ranges, or by the engine." },
  );
}
