import { z } from "zod";
import { refuse } from "../error.ts";
import { claimsIn, signClaims } from "./signed-claims.ts";

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

/** Of one version, which is told again for an hour. */
export function refreshToken(
  secret: Uint8Array,
  table: RefreshedTable,
  version: number,
  nowMs: number,
): string {
  const { token, share, table: name } = table;
  const claims: RefreshClaims = { token, share, table: name, version, expires: nowMs + LIFE_MS };
  return signClaims(secret, "refresh", claims);
}

/** The version whose files are to be told again. `bad_parameter`: it is not, or no longer, a token for this table. */
export function refreshedVersion(
  secret: Uint8Array,
  table: RefreshedTable,
  stated: string,
  nowMs: number,
): number {
  const claims = claimsIn(secret, "refresh", stated, RefreshClaims);
  const isOfTable =
    claims?.token === table.token && claims.share === table.share && claims.table === table.table;
  if (claims !== undefined && isOfTable && claims.expires > nowMs) return claims.version;
  throw refuse(
    "bad_parameter",
    "The refresh token is not, or no longer, one for this table. Query the table without it.",
  );
}
