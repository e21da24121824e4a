import { z } from "zod";
import { sha256 } from "../../base/index.ts";
import { refuse } from "../error.ts";
import type { PagePoint } from "./page.ts";
import type { SnapshotQuery } from "./query.ts";
import type { RefreshedTable } from "./refresh-token.ts";
import { claimsIn, signClaims } from "./signed-claims.ts";

const LIFE_MS = 60 * 60 * 1000;

/** Where the next page of an answer begins: for who asked, of the same version and the same question. */
const PageClaims = z.strictObject({
  /** The id of the token that asked. */
  token: z.string(),
  share: z.string(),
  table: z.string(),
  version: z.number().int().nonnegative(),
  /** A hash of what was asked. */
  question: z.string(),
  after: z.string(),
  rows: z.number().nonnegative(),
  /** Milliseconds since 1970. */
  expires: z.number(),
});

type PageClaims = z.infer<typeof PageClaims>;

/** What a page is of. */
export interface Paged {
  readonly table: RefreshedTable;
  readonly query: SnapshotQuery;
}

/** PROTOCOL.md, `nextPageToken`. */
export function pageToken(
  secret: Uint8Array,
  { table: { token, share, table }, query }: Paged,
  version: number,
  { after, rows }: PagePoint,
  nowMs: number,
): string {
  const question = questionOf(query);
  const claims: PageClaims = {
    token,
    share,
    table,
    version,
    question,
    after,
    rows,
    expires: nowMs + LIFE_MS,
  };
  return signClaims(secret, "page", claims);
}

/** `bad_parameter`: it is not, or no longer, a token for this table and question. */
export function pageAt(
  secret: Uint8Array,
  { table, query }: Paged,
  stated: string,
  nowMs: number,
): PagePoint & { readonly version: number } {
  const claims = claimsIn(secret, "page", stated, PageClaims);
  const isOfTable =
    claims?.token === table.token && claims.share === table.share && claims.table === table.table;
  if (claims !== undefined && isOfTable && claims.question === questionOf(query) && claims.expires > nowMs)
    return claims;
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
