import { refuse } from "../error.ts";
import { type AskedTable, TableClaims, claimsIn, signClaims } from "./signed-claims.ts";

/** A token for the files of one version, with new URLs (PROTOCOL.md, `refreshToken`). */
export function refreshToken(secret: Uint8Array, table: AskedTable, version: number, nowMs: number): string {
  return signClaims(secret, "refresh", { ...table, version }, nowMs);
}

/** The version whose files are to be told again. `bad_parameter`: it is not, or no longer, a token for this table. */
export function refreshedVersion(
  secret: Uint8Array,
  table: AskedTable,
  stated: string,
  nowMs: number,
): number {
  const claims = claimsIn(secret, "refresh", stated, { of: table, shape: TableClaims, nowMs });
  if (claims !== undefined) return claims.version;
  throw refuse(
    "bad_parameter",
    "The refresh token is not, or no longer, one for this table. Query the table without it.",
  );
}
