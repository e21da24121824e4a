import type { Context } from "hono";
import { verifyToken } from "../../access/index.ts";
import { UNAUTHENTICATED } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";

/**
 * Client credentials (RFC 6749 §4.4), for engines that ask for a token before anything else: the secret is a token
 * already, and is its own answer. The client's id may be left out; a wrong one is refused.
 */
export async function tokenAnswer({ state, clock }: BridgeContext, c: Context): Promise<Response> {
  const form = new URLSearchParams(await c.req.text());
  if (form.get("grant_type") !== "client_credentials")
    return c.json(
      { error: "unsupported_grant_type", error_description: "Only client_credentials is there." },
      400,
    );
  const secret = form.get("client_secret") ?? "";
  const principal = await verifyToken(state, secret, clock);
  const id = form.get("client_id") ?? "";
  if (principal === undefined || (id !== "" && id !== principal.name))
    return c.json({ error: "invalid_client", error_description: UNAUTHENTICATED }, 401);
  c.header("Cache-Control", "no-store");
  return c.json({
    access_token: secret,
    token_type: "bearer",
    issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    expires_in: Math.floor((principal.expiresAt.getTime() - clock.now().getTime()) / 1000),
  });
}
