import { z } from "zod";
import { refuse } from "../error.ts";
import { type RangeEnd, rangeEnd } from "./changes-request.ts";
import type { Hints } from "./hints/index.ts";
import { jsonIn } from "./json-body.ts";
import { type TimeTravel, parseTimestamp } from "./version.ts";

const wholeNumber = z.number().int().nonnegative();

/** The body of a query (PROTOCOL.md, "Request Body"). Fields that are not known are new ones of the protocol. */
export const QueryRequest = z.object({
  predicateHints: z.array(z.string()).nullish(),
  jsonPredicateHints: z.string().nullish(),
  limitHint: wholeNumber.nullish(),
  version: wholeNumber.nullish(),
  timestamp: z.string().nullish(),
  startingVersion: wholeNumber.nullish(),
  startingTimestamp: z.string().nullish(),
  endingVersion: wholeNumber.nullish(),
  endingTimestamp: z.string().nullish(),
  includeHistoricalProtocol: z.boolean().nullish(),
  maxFiles: z.number().int().positive().nullish(),
  pageToken: z.string().nullish(),
  includeRefreshToken: z.boolean().nullish(),
  refreshToken: z.string().nullish(),
});

export type Query = SnapshotQuery | ChangesQuery;

export interface SnapshotQuery {
  readonly kind: "snapshot";
  readonly at: TimeTravel;
  readonly hints: Hints;
  /** The same version as an earlier answer, with new URLs. */
  readonly refresh: string | undefined;
  /** So many files are wanted in one answer; the others in the next ones. */
  readonly maxFiles: number | undefined;
  /** The answer goes on where an earlier one ended. */
  readonly page: string | undefined;
  /** A token for {@link refresh} is wanted. */
  readonly withRefreshToken: boolean;
}

/** The files that came and went since a version. */
export interface ChangesQuery {
  readonly kind: "changes";
  readonly start: RangeEnd;
  readonly end: RangeEnd | undefined;
  readonly historicalProtocol: boolean;
}

/** Reads a query's body; an empty one asks for everything. */
export function parseQuery(body: string): Query {
  const query = jsonIn(body, QueryRequest);
  const {
    limitHint,
    version,
    timestamp,
    startingVersion,
    startingTimestamp,
    endingVersion,
    endingTimestamp,
  } = query;
  const refresh = query.refreshToken ?? undefined;
  const withRefreshToken = query.includeRefreshToken === true;
  const page = query.pageToken ?? undefined;
  if (page !== undefined && refresh !== undefined)
    throw refuse("bad_parameter", "A refresh token is for the first page: ask with the page token alone.");
  const ofVersion = [version, timestamp, startingVersion, startingTimestamp].some((one) => one != null);
  if (ofVersion && (refresh !== undefined || withRefreshToken))
    throw refuse(
      "bad_parameter",
      "Refresh tokens are for the newest version: ask for no version, and no timestamp.",
    );
  const start = rangeEnd("starting", startingVersion, startingTimestamp);
  const end = rangeEnd("ending", endingVersion, endingTimestamp);
  if (start !== undefined) {
    if (version != null || timestamp != null)
      throw refuse(
        "bad_parameter",
        "Ask for a version, for a timestamp, or for changes since a version: one of them.",
      );
    if (page !== undefined)
      throw refuse("bad_parameter", "Changes are told in one answer: there is no page token for them.");
    const historicalProtocol = query.includeHistoricalProtocol === true;
    return { kind: "changes", start, end, historicalProtocol };
  }
  return {
    kind: "snapshot",
    at: {
      version: version ?? undefined,
      timestampMs: timestamp == null ? undefined : parseTimestamp(timestamp),
    },
    hints: {
      predicates: query.predicateHints ?? [],
      json: query.jsonPredicateHints ?? undefined,
      limit: limitHint ?? undefined,
    },
    refresh,
    maxFiles: query.maxFiles ?? undefined,
    page,
    withRefreshToken,
  };
}
