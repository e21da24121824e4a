import type { Context } from "hono";
import { UNAUTHENTICATED } from "../bearer.ts";
import { type Refusal, refusalOf } from "../error.ts";

/** Statuses and type names of the REST specification's examples. */
const ANSWERS: Record<Exclude<Refusal, "not_found">, { status: 400 | 406; type: string }> = {
  bad_parameter: { status: 400, type: "BadRequestException" },
  malformed: { status: 400, type: "BadRequestException" },
  unsupported: { status: 406, type: "UnsupportedOperationException" },
};

type Missing =
  | "NoSuchNamespaceException"
  | "NoSuchTableException"
  | "NoSuchIcebergTableException"
  | "NoSuchWarehouseException"
  | "NoSuchEndpointException";

/** 404: clients tell by the type what it is that is missing. */
export function missing(c: Context, type: Missing, message: string): Response {
  return c.json({ error: { message, type, code: 404 } }, 404);
}

export function unauthenticated(c: Context): Response {
  return c.json({ error: { message: UNAUTHENTICATED, type: "NotAuthorizedException", code: 401 } }, 401);
}

export function errorAnswer(c: Context, error: unknown, onError: (error: unknown) => void): Response {
  const refusal = refusalOf(error);
  if (refusal === undefined) {
    onError(error);
    const message = "Something went wrong in the server.";
    return c.json({ error: { message, type: "InternalServerError", code: 500 } }, 500);
  }
  const { message } = error as Error;
  if (refusal === "not_found") return missing(c, "NoSuchEndpointException", message);
  const { status, type } = ANSWERS[refusal];
  return c.json({ error: { message, type, code: status } }, status);
}
