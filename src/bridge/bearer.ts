import type { Context, MiddlewareHandler } from "hono";
import type { Gate, Principal } from "../access/index.ts";
import type { ClientAddress } from "./client-address.ts";
import type { Read } from "./audited.ts";

export interface Authenticated {
  readonly Variables: {
    principal: Principal;
    /** What the answer lets the client read, for the log of accesses. */
    read?: Read;
  };
}

/** Why a request is not let in, for the client. */
export interface NotAdmitted {
  readonly status: 401 | 403 | 429;
  readonly message: string;
}

/** One message for every reason, so that nobody learns which tokens there were. */
const UNAUTHENTICATED =
  "The request needs a valid bearer token: there is none, or it is wrong, revoked or expired. Ask whoever runs this server for a new one.";

/**
 * Lets requests pass whose `Authorization: Bearer` (RFC 6750 §2.1) holds a valid token that may be used from there, and
 * says whose it is. `refused` answers the others.
 */
export function bearer(
  { gate, clientAddress }: { readonly gate: Gate; readonly clientAddress: ClientAddress },
  refused: (c: Context, reason: NotAdmitted) => Response,
): MiddlewareHandler<Authenticated> {
  return async (c, next) => {
    const admission = await gate.admit(bearerOf(c), clientAddress(c));
    if (admission.kind === "admitted") {
      c.set("principal", admission.principal);
      return next();
    }
    if (admission.kind !== "unauthenticated" && admission.principal !== undefined)
      c.set("principal", admission.principal);
    return refused(c, notAdmitted(c, admission));
  };
}

/** What `Authorization: Bearer` brings. */
export function bearerOf(c: Context): string | undefined {
  return /^Bearer ([\x21-\x7e]{1,200})$/i.exec(c.req.header("authorization") ?? "")?.[1];
}

/** Why, and the headers that go with it. */
export function notAdmitted(
  c: Context,
  admission: Exclude<Awaited<ReturnType<Gate["admit"]>>, { readonly kind: "admitted" }>,
): NotAdmitted {
  switch (admission.kind) {
    case "unauthenticated":
      c.header("WWW-Authenticate", 'Bearer realm="onecopy"');
      return { status: 401, message: UNAUTHENTICATED };
    case "wrong_address":
      return {
        status: 403,
        message:
          "Your token may not be used from your address. Ask whoever runs this server to allow it, or use the network that was agreed.",
      };
    case "too_many":
      c.header("Retry-After", String(admission.retryAfterSeconds));
      return {
        status: 429,
        message: `There are too many requests from you. Try again in ${admission.retryAfterSeconds} s.`,
      };
  }
}
