import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";

/**
 * Refuses requests with a larger body. One whose method has none is not looked at: to look makes a `Request` of it, which takes as
 * long as many an answer.
 */
export function boundedBody(
  mostBytes: number,
  tooLarge: (c: Context) => Response | Promise<Response>,
): MiddlewareHandler {
  const limit = bodyLimit({ maxSize: mostBytes, onError: tooLarge });
  return async (c, next) =>
    c.req.method === "GET" || c.req.method === "HEAD" ? await next() : await limit(c, next);
}
