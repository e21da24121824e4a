import type { Context } from "hono";
import { OneCopyError } from "../../base/index.ts";
import type { NotAdmitted } from "../bearer.ts";
import { type Refusal, isStorageFailure, refusalOf } from "../error.ts";

type Status = 400 | 403 | 404 | 406 | 409 | 413 | 422 | 500;

/** The error by which a request is refused in the words of the REST specification. The message goes to the client. */
export class CatalogRefusal extends OneCopyError {
  constructor(
    readonly status: Status,
    /** By which clients tell what went wrong: the name of an exception of Iceberg's Java library. */
    readonly type: string,
    message: string,
  ) {
    super("bridge.iceberg_refused", message);
  }
}

export function missing(
  type:
    | "NoSuchNamespaceException"
    | "NoSuchTableException"
    | "NoSuchViewException"
    | "NoSuchWarehouseException"
    | "NoSuchIcebergTableException",
  message: string,
): CatalogRefusal {
  return new CatalogRefusal(404, type, message);
}

export function taken(message: string): CatalogRefusal {
  return new CatalogRefusal(409, "AlreadyExistsException", message);
}

export function malformed(message: string): CatalogRefusal {
  return new CatalogRefusal(400, "BadRequestException", message);
}

/** A value that cannot be, as Iceberg's own library would say it. */
export function impossible(message: string): CatalogRefusal {
  return new CatalogRefusal(400, "IllegalArgumentException", message);
}

/** Statuses and type names of the specification's examples. */
const REFUSALS: Record<Refusal, { status: Status; type: string }> = {
  not_found: { status: 404, type: "NoSuchEndpointException" },
  bad_parameter: { status: 400, type: "BadRequestException" },
  malformed: { status: 400, type: "BadRequestException" },
  unsupported: { status: 406, type: "UnsupportedOperationException" },
};

/** What the catalog and the table refuse: the reason and the remedy are for whoever asked. */
const REASONS: readonly { readonly codes: RegExp; readonly status: Status; readonly type: string }[] = [
  { codes: /^table\.iceberg_update_stale$/, status: 409, type: "CommitFailedException" },
  { codes: /^(table\.not_found|catalog\.name_unknown)$/, status: 404, type: "NoSuchTableException" },
  { codes: /^catalog\.name_taken$/, status: 409, type: "AlreadyExistsException" },
  // Whether it happened is not known: clients look, and do not delete what they wrote.
  { codes: /^table\.commit_(unknown|failed)$/, status: 500, type: "CommitStateUnknownException" },
  { codes: /^catalog\.change_unknown$/, status: 500, type: "CommitStateUnknownException" },
  {
    codes:
      /^(schema\.|catalog\.bad_name$|table\.(iceberg_|delta_feature_|path_outside|property_|partition_|column_|has_clones|folder_shared|manifest_damaged|rewrite_too_large))/,
    status: 400,
    type: "BadRequestException",
  },
];

const NOT_ADMITTED: Record<NotAdmitted["status"], string> = {
  401: "NotAuthorizedException",
  403: "ForbiddenException",
  429: "TooManyRequestsException",
};

export function notLetIn(c: Context, { status, message }: NotAdmitted): Response {
  return c.json({ error: { message, type: NOT_ADMITTED[status], code: status } }, status);
}

/**
 * Nothing is given that the log of accesses can't tell of. A change may have happened by then: clients look before they
 * delete what they wrote.
 */
export function unavailable(c: Context): Response {
  const message = "The server can't do its work now. Try again later, or ask whoever runs it.";
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  const code = isRead ? 503 : 500;
  const type = isRead ? "ServiceUnavailableException" : "CommitStateUnknownException";
  return Response.json({ error: { message, type, code } }, { status: code, headers: { "Retry-After": "5" } });
}

export function errorAnswer(c: Context, error: unknown, onError: (error: unknown) => void): Response {
  if (isStorageFailure(error)) {
    onError(error);
    return unavailable(c);
  }
  const { status, type, message } = refusalFor(error) ?? {
    status: 500 as const,
    type: "InternalServerError",
    message: "Something went wrong in the server.",
  };
  if (status === 500) onError(error);
  return c.json({ error: { message, type, code: status } }, status);
}

function refusalFor(error: unknown): { status: Status; type: string; message: string } | undefined {
  if (!(error instanceof OneCopyError)) return undefined;
  if (error instanceof CatalogRefusal) return error;
  const refusal = refusalOf(error);
  if (refusal !== undefined) return { ...REFUSALS[refusal], message: error.message };
  const reason = REASONS.find(({ codes }) => codes.test(error.code));
  const message = error.remedy === undefined ? error.message : `${error.message} ${error.remedy}`;
  return reason && { ...reason, message };
}
