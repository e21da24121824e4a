import { refuse } from "./error.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string | undefined;
}

const LARGEST_PAGE = 1000;

/**
 * One page of a sorted list. A page token names the last item before it, so that pages stay right while the
 * list changes. `size` and `token` come from the client; `bad_parameter` when they can't be read.
 */
export function pageOf<Item>(
  sorted: readonly Item[],
  nameOf: (item: Item) => string,
  size: string | undefined,
  token: string | undefined,
): Page<Item> {
  const limit = sizeOf(size);
  const after = token === undefined || token === "" ? undefined : decode(token);
  const rest = after === undefined ? sorted : sorted.filter((item) => nameOf(item) > after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextPageToken:
      rest.length === items.length ? undefined : encode(last === undefined ? (after ?? "") : nameOf(last)),
  };
}

function sizeOf(text: string | undefined): number {
  if (text === undefined) return LARGEST_PAGE;
  if (!/^\d{1,10}$/.test(text)) {
    throw refuse("bad_parameter", "The largest number of results must be a whole number, 0 or more.");
  }
  return Math.min(Number(text), LARGEST_PAGE);
}

function encode(name: string): string {
  return Buffer.from(`after:${name}`).toString("base64url");
}

function decode(token: string): string {
  const text = token.length > 2000 ? "" : Buffer.from(token, "base64url").toString("utf8");
  if (text.startsWith("after:")) return text.slice("after:".length);
  throw refuse("bad_parameter", "The page token is not one that this server gave out. Begin without one.");
}
