import { isIP } from "node:net";
import type { Context } from "hono";
import { addressTest, plainAddress } from "../access/index.ts";

/** The address that a request came from; "" when it cannot be told. */
export type ClientAddress = (c: Context) => string;

/**
 * The other end of the connection, and behind proxies that are named what they say of it: in `X-Forwarded-For` the
 * last address that is not one of them. Anybody else's header says nothing, since everybody can send one.
 */
export function clientAddress(proxies: readonly string[]): ClientAddress {
  const isProxy = addressTest(proxies);
  return (c) => {
    const peer = peerOf(c);
    if (!isProxy(peer)) return peer;
    const forwarded = (c.req.header("x-forwarded-for") ?? "")
      .split(",")
      .map((part) => plainAddress(part.trim()));
    const client = forwarded.findLast((address) => !isProxy(address)) ?? "";
    return isIP(client) === 0 ? "" : client;
  };
}

function peerOf(c: Context): string {
  const env = c.env as
    | { readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } } }
    | undefined;
  return plainAddress(env?.incoming?.socket?.remoteAddress ?? "");
}
