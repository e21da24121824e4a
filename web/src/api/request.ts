import { failureShape } from "./shape.ts";
import { currentSession, refuseToken } from "./session.ts";

/** Why an answer did not come. `offline` is worth another try by itself, the others need somebody to act. */
export class RequestError extends Error {
  readonly kind: "offline" | "refused" | "failed";
  readonly remedy: string | undefined;

  constructor(kind: "offline" | "refused" | "failed", message: string, remedy?: string) {
    super(message);
    this.name = "RequestError";
    this.kind = kind;
    this.remedy = remedy;
  }
}

interface Shape<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false };
}

const offline = () =>
  new RequestError(
    "offline",
    "OneCopy does not answer.",
    "Is `onecopy serve` still running? This page tries again by itself.",
  );

/**
 * Asks the admin API for `path` (relative to the page, as in "api/overview") and parses the answer.
 * Throws RequestError, and an AbortError when `signal` ends it.
 */
export async function ask<T>(
  path: string,
  shape: Shape<T>,
  signal: AbortSignal,
  method: "GET" | "POST" = "GET",
): Promise<T> {
  const session = currentSession();
  if (session.kind !== "token") throw new RequestError("refused", "This page has no token.");
  const response = await send(method, path, session.token, signal);
  if (response.status === 401) {
    refuseToken(session.token);
    throw new RequestError("refused", "The token was refused.");
  }
  const body = await readJson(response, signal);
  if (!response.ok) throw failure(response.status, body);
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new RequestError(
    "failed",
    "This page is of another version than the server.",
    "Reload the page. If that does not help, the page and the server were built from different versions: build again.",
  );
}

async function send(method: string, path: string, token: string, signal: AbortSignal): Promise<Response> {
  try {
    const headers = { authorization: `Bearer ${token}` };
    return await fetch(path, { method, signal, headers, cache: "no-store" });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw offline();
  }
}

async function readJson(response: Response, signal: AbortSignal): Promise<unknown> {
  let text: string;
  try {
    text = await response.text();
  } catch (cause) {
    // The connection broke in the middle of the body.
    if (signal.aborted) throw cause;
    throw offline();
  }
  try {
    return JSON.parse(text, exactly);
  } catch {
    return undefined;
  }
}

/** A 64-bit key beyond 2^53 stays as it was written, as text: a rounded key names somebody else. */
function exactly(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const rounded = typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value);
  return rounded ? (context?.source ?? value) : value;
}

function failure(status: number, body: unknown): RequestError {
  const parsed = failureShape.safeParse(body);
  if (parsed.success) return new RequestError("failed", parsed.data.message, parsed.data.remedy ?? undefined);
  // A proxy in between answers with its own pages.
  if (status === 502 || status === 503 || status === 504) return offline();
  return new RequestError(
    "failed",
    `The server answered with status ${status}.`,
    "Look at the output of `onecopy serve`.",
  );
}
