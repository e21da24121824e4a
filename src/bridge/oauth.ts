import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { notAdmitted } from "./bearer.ts";
import type { BridgeContext } from "./context.ts";
import type { Operation } from "./openapi/index.ts";

/** Client credentials are short: nobody without a token is listened to for longer. */
export const boundedForm: MiddlewareHandler = bodyLimit({
  maxSize: 4000,
  onError: (c) => {
    c.header("Connection", "close");
    return c.json({ error: "invalid_request", error_description: "The request is too large." }, 413);
  },
});

/**
 * Client credentials (RFC 6749 §4.4): the secret is a token, and the answer one that lives an hour at the most, and no
 * longer than it. The client's id is its recipient, or left out; a wrong one is refused. Both come in the form, or as
 * HTTP Basic (§2.3.1).
 */
export async function tokenAnswer(context: BridgeContext, c: Context): Promise<Response> {
  const form = new URLSearchParams(await c.req.text());
  if (form.get("grant_type") !== "client_credentials")
    return c.json(
      { error: "unsupported_grant_type", error_description: "Only client_credentials is there." },
      400,
    );
  const basic = basicCredentials(c.req.header("authorization"));
  const secret = basic?.secret ?? form.get("client_secret") ?? "";
  const id = basic?.id ?? form.get("client_id") ?? "";
  const admission = await context.gate.admitSecret(secret, context.clientAddress(c));
  const isOther = admission.kind === "admitted" && id !== "" && id !== admission.principal.name;
  if (admission.kind !== "admitted" || isOther) {
    const { status, message } = notAdmitted(c, isOther ? { kind: "unauthenticated" } : (admission as never));
    return c.json({ error: "invalid_client", error_description: message }, status);
  }
  const { principal } = admission;
  c.set("principal", principal);
  c.header("Cache-Control", "no-store");
  const { token, expiresAt } = await context.gate.accessToken(secret, principal);
  return c.json({
    access_token: token,
    token_type: "bearer",
    issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    expires_in: Math.floor((expiresAt.getTime() - context.clock.now().getTime()) / 1000),
  });
}

function basicCredentials(
  header: string | undefined,
): { readonly id: string; readonly secret: string } | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]{1,1000})$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0
    ? undefined
    : { id: unescaped(text.slice(0, colon)), secret: unescaped(text.slice(colon + 1)) };
}

/** Both are form-encoded inside (§2.3.1), which not every client does; the characters of ids and tokens stay as they are. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The route of {@link tokenAnswer}, for the OpenAPI document. */
export function tokenOperation(path: string): Operation {
  const shape = z.object({ error: z.string(), error_description: z.string() });
  return {
    method: "post",
    path,
    summary: "OAuth2 client credentials: a short-lived token for a long-lived one",
    isOpen: true,
    body: {
      type: "application/x-www-form-urlencoded",
      shape: z.object({
        grant_type: z.literal("client_credentials"),
        client_id: z.string().optional(),
        client_secret: z.string().optional(),
        scope: z.string().optional(),
      }),
    },
    answers: {
      200: {
        description: "The token.",
        shape: z.object({
          access_token: z.string(),
          token_type: z.literal("bearer"),
          issued_token_type: z.string(),
          expires_in: z.int(),
        }),
      },
      400: { description: "It is no request for a token by client credentials.", shape },
      401: { description: "The id or the secret is wrong.", shape },
      403: { description: "The token may not be used from there.", shape },
      413: { description: "The request is too large.", shape },
      429: { description: "There were too many requests.", shape },
    },
  };
}
