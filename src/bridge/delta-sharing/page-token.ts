import { z } from "zod";
import { sha256 } from "../../base/index.ts";
import { refuse } from "../error.ts";
import type { PagePoint } from "./page.ts";
import type { SnapshotQuery } from "./query.ts";
import { type AskedTable, TableClaims, claimsIn, signClaims } from "./signed-claims.ts";

/** Where the next page of an answer begins, of the same question. */
const PageClaims = TableClaims.extend({
  /** A hash of what was asked. */
  question: z.string(),
  after: z.string(),
  rows: z.number().nonnegative(),
});

/** What a page is of. */
export interface Paged {
  readonly table: AskedTable;
  readonly query: SnapshotQuery;
}

/** PROTOCOL.md, `nextPageToken`. */
export function pageToken(
  secret: Uint8Array,
  { table, query }: Paged,
  version: number,
  { after, rows }: PagePoint,
  nowMs: number,
): string {
  const claims = { ...table, version, question: questionOf(query), after, rows };
  return signClaims(secret, "page", claims, nowMs);
}

/** `bad_parameter`: it is not, or no longer, a token for this table and question. */
export function pageAt(
  secret: Uint8Array,
  { table, query }: Paged,
  stated: string,
  nowMs: number,
): PagePoint & { readonly version: number } {
  const claims = claimsIn(secret, "page", stated, { of: table, shape: PageClaims, nowMs });
  if (claims?.question === questionOf(query)) return claims;
  throw refuse(
    "bad_parameter",
    "The page token is not, or no longer, one for this table and this query. Query the table without it.",
  );
}

/** Pages of another size are the same answer. */
function questionOf({ at, hints }: SnapshotQuery): string {
  const { predicates, json, limit } = hints;
  return sha256(JSON.stringify([at.version, at.timestampMs, predicates, json, limit])).slice(0, 32);
}
