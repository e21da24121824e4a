import { createHmac } from "node:crypto";
import { type Clock, OneCopyError, sha256 } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import type { Principal } from "./principal.ts";

const FOLDER = "access-tokens/";

/** The id of the token that was its secret, when it ends in seconds since 1970, and what only the secret's owner and the server could make. */
const ACCESS_TOKEN = /^onecopy_access_([0-9a-f]{64})_(\d{10})_[A-Za-z0-9_-]{43}$/;

/** Tokens that are asked for within a minute are the same one: so many does the state keep of a secret, and no more. */
const STEP_SECONDS = 60;

export interface AccessToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/**
 * A token that lives `minutes` at the most, for a client that showed its secret (RFC 6749 §4.4): a token that is stored,
 * and good. It ends with that one. The state holds its hash.
 */
export async function issueAccessToken(
  state: Store,
  secret: string,
  { client, minutes, clock }: { readonly client: Principal; readonly minutes: number; readonly clock: Clock },
): Promise<AccessToken> {
  const nowSeconds = clock.now().getTime() / 1000;
  const fullSeconds = Math.floor((nowSeconds + minutes * 60) / STEP_SECONDS) * STEP_SECONDS;
  const until = Math.min(fullSeconds, Math.floor(client.expiresAt.getTime() / 1000));
  const proof = createHmac("sha256", secret).update(`access token until ${until}`).digest("base64url");
  const token = `onecopy_access_${client.tokenId}_${until}_${proof}`;
  const key = keyOf(token, client.tokenId, until);
  const outcome = await state.put(key, "{}", { ifAbsent: true });
  // Whoever made it: it is the same.
  if (outcome.kind === "unknown" && (await state.head(key)).kind === "absent")
    throw new OneCopyError("access.token_not_stored", `The state ${state.url} did not take the new token.`, {
      remedy: "Look whether the state can be written, then ask for the token again.",
      cause: outcome.cause,
    });
  if (outcome.kind === "written") await removeEnded(state, client.tokenId, nowSeconds);
  return { token, expiresAt: new Date(until * 1000) };
}

/** Whether a text is an access token by its form: it is no secret, and gives no other one. */
export function isAccessToken(text: string): boolean {
  return ACCESS_TOKEN.test(text);
}

/** The id of the token that an access token stands for; undefined when it was never issued, or has ended. */
export async function secretOf(state: Store, token: string, clock: Clock): Promise<string | undefined> {
  const [, secretId, until] = ACCESS_TOKEN.exec(token) ?? [];
  if (secretId === undefined || Number(until) * 1000 <= clock.now().getTime()) return undefined;
  const found = await state.head(keyOf(token, secretId, Number(until)));
  return found.kind === "found" ? secretId : undefined;
}

/** Takes away what a secret's access tokens have left: they ended with it. */
export async function removeAccessTokens(state: Store, secretId: string): Promise<void> {
  await removeEnded(state, secretId, Number.POSITIVE_INFINITY);
}

async function removeEnded(state: Store, secretId: string, nowSeconds: number): Promise<void> {
  const folder = `${FOLDER}${secretId}/`;
  const ended: string[] = [];
  for await (const { key } of state.list(folder))
    if (Number.parseInt(key.slice(folder.length), 10) <= nowSeconds) ended.push(key);
  for (const key of ended) await state.delete(key);
}

function keyOf(token: string, secretId: string, until: number): string {
  return `${FOLDER}${secretId}/${until}-${sha256(token)}.json`;
}
