import { z } from "zod";
import { refuse } from "../error.ts";
import { type TimeTravel, parseTimestamp } from "./version.ts";

const wholeNumber = z.number().int().nonnegative();

/** The body of a query (PROTOCOL.md, "Request Body"). Fields that are not known are new ones of the protocol. */
const QueryRequest = z.object({
  // Hints may be ignored, and these are; the client filters for itself.
  predicateHints: z.array(z.string()).nullish(),
  jsonPredicateHints: z.string().nullish(),
  limitHint: wholeNumber.nullish(),
  version: wholeNumber.nullish(),
  timestamp: z.string().nullish(),
  startingVersion: wholeNumber.nullish(),
  startingTimestamp: z.string().nullish(),
});

export interface Query {
  readonly at: TimeTravel;
  readonly limit: number | undefined;
}

/** Reads a query's body; an empty one asks for everything. */
export function parseQuery(body: string): Query {
  const parsed = QueryRequest.safeParse(body.trim() === "" ? {} : jsonOf(body));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refuse("bad_parameter", `${issue?.path.join(".") || "The body"}: ${issue?.message ?? "not valid"}`);
  }
  const { limitHint, version, timestamp, startingVersion, startingTimestamp } = parsed.data;
  // Left unsaid, the client would take the whole table for the changes that it asked for.
  if (startingVersion != null || startingTimestamp != null) {
    throw refuse("unsupported", "Changes between versions can't be queried here; query a version instead.");
  }
  return {
    at: {
      version: version ?? undefined,
      timestampMs: timestamp == null ? undefined : parseTimestamp(timestamp),
    },
    limit: limitHint ?? undefined,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse("malformed", "The body is not JSON.");
  }
}
