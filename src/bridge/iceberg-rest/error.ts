import type { Context } from "hono";
import { OneCopyError } from "../../base/index.ts";
import { UNAUTHENTICATED } from "../bearer.ts";
import { type Refusal, refusalOf } from "../error.ts";

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
      /^(schema\.|catalog\.bad_name$|table\.(iceberg_|delta_feature_|path_outside|property_|partition_|column_|has_clones|folder_shared|manifest_damaged))/,
    status: 400,
    type: "BadRequestException",
  },
];

export function unauthenticated(c: Context): Response {
  return c.json({ error: { message: UNAUTHENTICATED, type: "NotAuthorizedException", code: 401 } }, 401);
}

export function errorAnswer(c: Context, error: unknown, onError: (error: unknown) => void): Response {
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
