import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { refuse } from "../error.ts";

const LIFE_MS = 60 * 60 * 1000;

/** What a refresh token stands for: the files of one version, for who asked before. It opens nothing by itself. */
const RefreshClaims = z.strictObject({
  /** The id of the token that asked. */
  token: z.string(),
  share: z.string(),
  table: z.string(),
  version: z.number().int().nonnegative(),
  /** Milliseconds since 1970. */
  expires: z.number(),
});

type RefreshClaims = z.infer<typeof RefreshClaims>;

/** Whose answer it is that a token is about. */
export type RefreshedTable = Pick<RefreshClaims, "token" | "share" | "table">;

/** `<claims>.<hmac>`; the claims are of one version, which is told again for an hour. */
export function refreshToken(
  secret: Uint8Array,
  table: RefreshedTable,
  version: number,
  nowMs: number,
): string {
  const { token, share, table: name } = table;
  const claims: RefreshClaims = { token, share, table: name, version, expires: nowMs + LIFE_MS };
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.${signature(secret, text).toString("base64url")}`;
}

/** The version whose files are to be told again. `bad_parameter`: it is not, or no longer, a token for this table. */
export function refreshedVersion(
  secret: Uint8Array,
  table: RefreshedTable,
  stated: string,
  nowMs: number,
): number {
  const [, text = "", signed = ""] = /^([\w-]{1,4000})\.([\w-]{43})$/.exec(stated) ?? [];
  const isOurs = timingSafeEqual(signature(secret, text), Buffer.from(signed.padEnd(43, "A"), "base64url"));
  const claims = isOurs
    ? RefreshClaims.parse(JSON.parse(Buffer.from(text, "base64url").toString()))
    : undefined;
  const isOfTable =
    claims?.token === table.token && claims.share === table.share && claims.table === table.table;
  if (claims !== undefined && isOfTable && claims.expires > nowMs) return claims.version;
  throw refuse(
    "bad_parameter",
    "The refresh token is not, or no longer, one for this table. Query the table without it.",
  );
}

/** No file's URL has such a text: what is signed there has no colon. */
function signature(secret: Uint8Array, text: string): Buffer {
  return createHmac("sha256", secret).update(`refresh:${text}`).digest();
}
