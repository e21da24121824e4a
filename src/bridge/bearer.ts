import type { Context, MiddlewareHandler } from "hono";
import { type Principal, verifyToken } from "../access/index.ts";
import type { Clock } from "../base/index.ts";
import type { Store } from "../storage/index.ts";

export interface Authenticated {
  readonly Variables: { principal: Principal };
}

/** One message for every reason, so that nobody learns which tokens there were. */
export const UNAUTHENTICATED =
  "The request needs a valid bearer token: there is none, or it is wrong, revoked or expired. Ask whoever runs this server for a new one.";

/** Lets requests pass whose `Authorization: Bearer` (RFC 6750 §2.1) holds a valid token, and says whose it is. */
export function bearer(
  context: { readonly state: Store; readonly clock: Clock },
  unauthenticated: (c: Context) => Response,
): MiddlewareHandler<Authenticated> {
  return async (c, next) => {
    const token = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const principal =
      token === undefined ? undefined : await verifyToken(context.state, token, context.clock);
    if (principal === undefined) {
      c.header("WWW-Authenticate", 'Bearer realm="onecopy"');
      return unauthenticated(c);
    }
    c.set("principal", principal);
    return next();
  };
}
