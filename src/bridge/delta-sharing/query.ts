import { z } from "zod";
import { refuse } from "../error.ts";
import { type RangeEnd, rangeEnd } from "./changes-request.ts";
import type { Hints } from "./hints/index.ts";
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
  const parsed = QueryRequest.safeParse(body.trim() === "" ? {} : jsonOf(body));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse("bad_parameter", `${issue?.path.join(".") || "The body"}: ${issue?.message ?? "not valid"}`);
  }
  const {
    limitHint,
    version,
    timestamp,
    startingVersion,
    startingTimestamp,
    endingVersion,
    endingTimestamp,
  } = parsed.data;
  const refresh = parsed.data.refreshToken ?? undefined;
  const withRefreshToken = parsed.data.includeRefreshToken === true;
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
    const historicalProtocol = parsed.data.includeHistoricalProtocol === true;
    return { kind: "changes", start, end, historicalProtocol };
  }
  return {
    kind: "snapshot",
    at: {
      version: version ?? undefined,
      timestampMs: timestamp == null ? undefined : parseTimestamp(timestamp),
    },
    hints: {
      predicates: parsed.data.predicateHints ?? [],
      json: parsed.data.jsonPredicateHints ?? undefined,
      limit: limitHint ?? undefined,
    },
    refresh,
    withRefreshToken,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse("malformed", "The body is not JSON.");
  }
}
