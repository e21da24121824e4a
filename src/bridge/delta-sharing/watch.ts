import { OneCopyError } from "../../base/index.ts";

/** So that a revocation is seen within a second. */
const ASKED_EVERY_MS = 500;

/**
 * Passes on what is sent for as long as the client may have it. Fails with `bridge.revoked`: the status has left already, so the
 * answer breaks off, or says so in its last line.
 */
export async function* whileAllowed<Part>(
  parts: AsyncIterable<Part>,
  stillAllowed: () => Promise<boolean>,
  what: string,
): AsyncGenerator<Part> {
  let askedMs = performance.now();
  for await (const part of parts) {
    if (performance.now() - askedMs > ASKED_EVERY_MS) {
      if (!(await stillAllowed()))
        throw new OneCopyError(
          "bridge.revoked",
          `${what} was no longer the client's to read while it was being sent.`,
        );
      askedMs = performance.now();
    }
    yield part;
  }
}
