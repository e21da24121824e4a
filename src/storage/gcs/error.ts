import { OneCopyError, messageOf } from "../../base/index.ts";
import { oneLine } from "../key.ts";

/** An answer's status; nothing where there was none (then the library gives a text, `ECONNRESET`). */
export function statusOf(thrown: unknown): number | undefined {
  const code = Number((thrown as { readonly code?: unknown } | null)?.code);
  return Number.isInteger(code) && code > 0 ? code : undefined;
}

/** Whether the request may have been carried out all the same. */
export function isDoubtful(thrown: unknown): boolean {
  const status = statusOf(thrown);
  return status === undefined || status === 408 || status === 429 || status >= 500;
}

export function gcsError(action: string, address: string, thrown: unknown): OneCopyError {
  if (thrown instanceof OneCopyError) return thrown;
  const status = statusOf(thrown);
  const said = messageOf(thrown).split("\n")[0]!.slice(0, 300);
  const failed = (name: string, remedy?: string): OneCopyError =>
    new OneCopyError(
      name,
      `Could not ${action} ${oneLine(address)}: ${[status, said].filter(Boolean).join(" ")}`,
      {
        ...(remedy === undefined ? {} : { remedy }),
      },
    );
  if (status === 404)
    return failed("storage.no_bucket", "Make the bucket, or correct the address; OneCopy makes none.");
  if (status === 401 || status === 403)
    return failed(
      "storage.denied",
      "Give the account of GOOGLE_APPLICATION_CREDENTIALS the role Storage Object User on the bucket.",
    );
  if (status === undefined && /credential/i.test(said))
    return failed(
      "storage.denied",
      "Set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account's key.",
    );
  return failed(status === undefined ? "storage.unreachable" : "storage.failed");
}
