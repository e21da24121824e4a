import { refuse } from "../error.ts";
import { parseTimestamp } from "./version.ts";

/** One end of a range of versions, both ends included. */
export type RangeEnd =
  | { readonly version: number }
  /** Milliseconds since 1970: the first version not older, or the last one not younger. */
  | { readonly timestampMs: number };

export interface ChangesRequest {
  readonly start: RangeEnd;
  /** Default: the newest version. */
  readonly end: RangeEnd | undefined;
  readonly historicalMetadata: boolean;
  readonly historicalProtocol: boolean;
}

/** The parameters of a change data feed (PROTOCOL.md, "Read Change Data Feed from a Table"); `bad_parameter`. */
export function parseChanges(query: (name: string) => string | undefined): ChangesRequest {
  const end = (name: string): RangeEnd | undefined =>
    rangeEnd(name, wholeNumber(`${name}Version`, query(`${name}Version`)), query(`${name}Timestamp`));
  const start = end("starting");
  if (start === undefined)
    throw refuse("bad_parameter", "A change data feed needs startingVersion or startingTimestamp.");
  return {
    start,
    end: end("ending"),
    historicalMetadata: flag(query("includeHistoricalMetadata")),
    historicalProtocol: flag(query("includeHistoricalProtocol")),
  };
}

/** A version or a timestamp; `bad_parameter` for both. `undefined`: neither. */
export function rangeEnd(
  name: string,
  version: number | null | undefined,
  timestamp: string | null | undefined,
): RangeEnd | undefined {
  if (version != null && timestamp != null)
    throw refuse("bad_parameter", `Ask for ${name}Version or for ${name}Timestamp, not for both.`);
  if (version != null) return { version };
  return timestamp == null ? undefined : { timestampMs: parseTimestamp(timestamp) };
}

export function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw refuse("bad_parameter", `${name} must be a whole number, 0 or more.`);
}

/** Python's clients say True, and None for what was not asked for. */
function flag(text: string | undefined): boolean {
  return text?.toLowerCase() === "true";
}
