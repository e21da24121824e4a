import type { Context } from "hono";
import { type Refusal, isStorageFailure, refusalOf } from "../error.ts";
import type { NotAdmitted } from "../bearer.ts";

/** Statuses and error codes as the protocol's reference server has them. */
const ANSWERS: Record<Refusal, { status: 400 | 404; errorCode: string }> = {
  not_found: { status: 404, errorCode: "RESOURCE_DOES_NOT_EXIST" },
  bad_parameter: { status: 400, errorCode: "INVALID_PARAMETER_VALUE" },
  malformed: { status: 400, errorCode: "MALFORMED_REQUEST" },
  unsupported: { status: 400, errorCode: "UNSUPPORTED_OPERATION" },
};

/** All that a client learns of what went wrong inside. */
export const SOMETHING_WRONG = "Something went wrong in the server.";

const NOT_ADMITTED: Record<NotAdmitted["status"], string> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  429: "RESOURCE_EXHAUSTED",
};

export function notLetIn(c: Context, { status, message }: NotAdmitted): Response {
  return c.json({ errorCode: NOT_ADMITTED[status], message }, status);
}

/** Nothing is given that the log of accesses can't tell of. */
export function unavailable(): Response {
  const message = "The server can't do its work now. Try again later, or ask whoever runs it.";
  const body = { errorCode: "TEMPORARILY_UNAVAILABLE", message };
  return Response.json(body, { status: 503, headers: { "Retry-After": "5" } });
}

/** A signed file URL that is not, or no longer, good. */
export function forbidden(c: Context, message: string): Response {
  return c.json({ errorCode: "PERMISSION_DENIED", message }, 403);
}

/** What was there once only. */
export function gone(c: Context, message: string): Response {
  return c.json({ errorCode: "RESOURCE_DOES_NOT_EXIST", message }, 410);
}

/** The rest of the body is not read, so the connection can't be used again (RFC 9112 §9.6). */
export function tooLarge(c: Context): Response {
  c.header("Connection", "close");
  return c.json({ errorCode: "MALFORMED_REQUEST", message: "The request's body is too large." }, 413);
}

/** The answer to an error: a refusal in full, anything else without a word of what it was. */
export function errorAnswer(c: Context, error: unknown, onError: (error: unknown) => void): Response {
  const refusal = refusalOf(error);
  if (refusal === undefined) {
    onError(error);
    if (isStorageFailure(error)) return unavailable();
    return c.json({ errorCode: "INTERNAL_ERROR", message: SOMETHING_WRONG }, 500);
  }
  const { status, errorCode } = ANSWERS[refusal];
  return c.json({ errorCode, message: (error as Error).message }, status);
}
