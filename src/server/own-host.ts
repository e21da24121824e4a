import type { MiddlewareHandler } from "hono";

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/**
 * Refuses requests that were sent to another name than the server's own: a loopback name at any port (an SSH
 * tunnel has its own), or the host of its public address. Without this, a web page anywhere could have its name
 * resolve to this machine and read with the visitor's browser what is served here (DNS rebinding).
 */
export function ownHost(publicUrl: string | undefined): MiddlewareHandler {
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).host;
  return async (c, next) => {
    const host = (c.req.header("host") ?? "").toLowerCase();
    if (host === publicHost || LOOPBACK.test(host)) return next();
    const message = "This server does not answer to that name.";
    const remedy = "Use the address that `onecopy serve` prints.";
    return c.json({ code: "server.wrong_host", message, remedy }, 421);
  };
}
