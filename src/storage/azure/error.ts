import { OneCopyError, messageOf } from "../../base/index.ts";
import { oneLine } from "../key.ts";

/** What the client library throws: no status where there was no answer. */
interface RestError {
  readonly statusCode?: number;
  readonly code?: string;
  readonly name?: string;
}

export function statusOf(thrown: unknown): number | undefined {
  return (thrown as RestError | null)?.statusCode;
}

export function azureCode(thrown: unknown): string | undefined {
  const { code } = (thrown ?? {}) as RestError;
  return typeof code === "string" ? code : undefined;
}

/** Whether the request may have been carried out all the same. */
export function isDoubtful(thrown: unknown): boolean {
  const status = statusOf(thrown);
  return status === undefined || status === 408 || status === 429 || status >= 500;
}

export function azureError(action: string, address: string, thrown: unknown): OneCopyError {
  if (thrown instanceof OneCopyError) return thrown;
  const [status, code] = [statusOf(thrown), azureCode(thrown)];
  // The library's own message repeats the whole answer.
  const said = messageOf(thrown).split("\n")[0]!.slice(0, 300);
  const failed = (name: string, remedy?: string): OneCopyError =>
    new OneCopyError(
      name,
      `Could not ${action} ${oneLine(address)}: ${[status, code, said].filter(Boolean).join(" ")}`,
      {
        ...(remedy === undefined ? {} : { remedy }),
      },
    );
  if (code === "ContainerNotFound")
    return failed("storage.no_bucket", "Make the container, or correct the address; OneCopy makes none.");
  if (status === 401 || status === 403)
    return failed(
      "storage.denied",
      "See that the key or SAS is of this account and has not expired; a SAS needs read, write, delete, list, create.",
    );
  if (status === undefined)
    return failed(
      "storage.unreachable",
      "See that the account's name is right, and can be reached from here.",
    );
  return failed("storage.failed");
}
