import { z } from "zod";
import { OneCopyError } from "../../base/index.ts";
import { askRemote, badAnswer, textOfAnswer } from "./http.ts";

/** OAuth 2.0 client credentials (RFC 6749 §4.4). */
export interface ClientCredentials {
  readonly tokenEndpoint: URL;
  readonly clientId: string | undefined;
  readonly clientSecret: string;
  readonly scope: string | undefined;
  /** How the client says who it is (§2.3.1): in a header, as all servers must take it, or in the body, as Iceberg's catalogs do. */
  readonly by: "basic" | "body";
}

const Answer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive().nullish() });
/** Where the server says nothing. */
const lifeSeconds = 300;
/** A token is not used up to its last second: requests and clocks take their time. */
const spareMs = 30_000;

/** Gives the token that is good now; asks for a new one when the last one is about to end. Fails as `askRemote` does. */
export function tokenSource(credentials: ClientCredentials): () => Promise<string> {
  let current: { readonly token: Promise<string>; readonly untilMs: () => number } | undefined;
  return async () => {
    if (current === undefined || Date.now() > current.untilMs()) {
      let untilMs = Number.POSITIVE_INFINITY;
      const token = ask(credentials).then(({ access_token, expires_in }) => {
        untilMs = Date.now() + (expires_in ?? lifeSeconds) * 1000 - spareMs;
        return access_token;
      });
      const mine = { token, untilMs: () => untilMs };
      current = mine;
      token.catch(() => {
        if (current === mine) current = undefined;
      });
    }
    return await current.token;
  };
}

async function ask(credentials: ClientCredentials): Promise<z.output<typeof Answer>> {
  const { tokenEndpoint: url, clientId, clientSecret, scope, by } = credentials;
  requireSafe(url);
  const whom = `the token server ${url.host}`;
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  if (scope !== undefined) body.set("scope", scope);
  const headers: Record<string, string> = { accept: "application/json" };
  if (by === "body") {
    if (clientId !== undefined) body.set("client_id", clientId);
    body.set("client_secret", clientSecret);
  } else {
    const pair = [clientId ?? "", clientSecret].map(formEncoded).join(":");
    headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
  }
  const response = await askRemote({ url, whom, method: "POST", headers, body });
  try {
    return Answer.parse(JSON.parse(await textOfAnswer(response, whom)));
  } catch {
    // The cause would hold what the answer held: perhaps a token.
    throw badAnswer(whom, "it holds no access_token");
  }
}

/** A secret goes over TLS, or stays on this machine. Fails with `remote.not_encrypted`. */
export function requireSafe(url: URL): void {
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url))) return;
  throw new OneCopyError(
    "remote.not_encrypted",
    `${url.protocol}//${url.host} would get a secret unencrypted.`,
    {
      remedy: "Use its https:// address; http:// does only on this machine (localhost, 127.0.0.1).",
    },
  );
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** RFC 6749 §2.3.1: both parts in the form encoding. */
function formEncoded(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2);
}
