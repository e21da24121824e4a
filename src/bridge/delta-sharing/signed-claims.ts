import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

const LIFE_MS = 60 * 60 * 1000;

/** What every token says: that it is about one version of a table, for who asked, for an hour. */
export const TableClaims = z.strictObject({
  /** The id of the token that asked. */
  token: z.string(),
  share: z.string(),
  table: z.string(),
  version: z.number().int().nonnegative(),
  /** Milliseconds since 1970. */
  expires: z.number(),
});

type TableClaims = z.infer<typeof TableClaims>;

/** Whose answer it is that a token is about. */
export type AskedTable = Pick<TableClaims, "token" | "share" | "table">;

/** What a token is for; no text of one kind is taken for one of another, or for a file's URL, which has no colon. */
export type TokenKind = "refresh" | "page";

/** `<claims>.<hmac>`: it opens nothing by itself. */
export function signClaims(
  secret: Uint8Array,
  kind: TokenKind,
  claims: Omit<TableClaims, "expires">,
  nowMs: number,
): string {
  const text = Buffer.from(JSON.stringify({ ...claims, expires: nowMs + LIFE_MS })).toString("base64url");
  return `${text}.${signature(secret, kind, text).toString("base64url")}`;
}

/** What a token says; undefined when no server of this state signed it, it is of another table or token, or its time is over. */
export function claimsIn<T extends z.ZodType<TableClaims>>(
  secret: Uint8Array,
  kind: TokenKind,
  stated: string,
  { of, shape, nowMs }: { readonly of: AskedTable; readonly shape: T; readonly nowMs: number },
): z.output<T> | undefined {
  const [, text = "", signed = ""] = /^([\w-]{1,12000})\.([\w-]{43})$/.exec(stated) ?? [];
  const given = Buffer.from(signed.padEnd(43, "A"), "base64url");
  if (!timingSafeEqual(signature(secret, kind, text), given)) return undefined;
  const claims = shape.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  const { token, share, table, expires } = claims;
  const isOf = token === of.token && share === of.share && table === of.table;
  return isOf && expires > nowMs ? claims : undefined;
}

function signature(secret: Uint8Array, kind: TokenKind, text: string): Buffer {
  return createHmac("sha256", secret).update(`${kind}:${text}`).digest();
}
