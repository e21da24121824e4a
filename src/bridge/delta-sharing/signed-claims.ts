import { createHmac, timingSafeEqual } from "node:crypto";
import type { z } from "zod";

/** What a token of a kind says; no text of one kind is taken for one of another, or for a file's URL, which has no colon. */
export type TokenKind = "refresh" | "page";

/** `<claims>.<hmac>`: it opens nothing by itself. */
export function signClaims(secret: Uint8Array, kind: TokenKind, claims: object): string {
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${signature(secret, kind, text).toString("base64url")}`;
}

/** What a token says; undefined when no server of this state signed it. */
export function claimsIn<T extends z.ZodType>(
  secret: Uint8Array,
  kind: TokenKind,
  token: string,
  shape: T,
): z.output<T> | undefined {
  const [, text = "", signed = ""] = /^([\w-]{1,12000})\.([\w-]{43})$/.exec(token) ?? [];
  const stated = Buffer.from(signed.padEnd(43, "A"), "base64url");
  if (!timingSafeEqual(signature(secret, kind, text), stated)) return undefined;
  return shape.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
}

function signature(secret: Uint8Array, kind: TokenKind, text: string): Buffer {
  return createHmac("sha256", secret).update(`${kind}:${text}`).digest();
}
