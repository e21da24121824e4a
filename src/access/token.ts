import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type Clock, OneCopyError, sha256, systemClock } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import { removeAccessTokens, secretOf } from "./access-token.ts";
import { PRINCIPAL_NAME, type Principal, type PrincipalKind } from "./principal.ts";
import { jsonIn } from "./stored.ts";

const FOLDER = "tokens/";

/** A prefix by which scanners for leaked secrets find tokens, then 256 random bits. */
const TOKEN = /^onecopy_[A-Za-z0-9_-]{43}$/;

/** What is stored. The token itself is not: the state alone lets nobody in. */
const StoredToken = z.strictObject({
  principal: z.string().regex(PRINCIPAL_NAME),
  kind: z.enum(["recipient", "admin"]),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
});

/** A token as it may be shown: without what would let somebody in. */
export interface TokenInfo {
  /** The beginning of the token's hash. */
  readonly id: string;
  readonly principal: string;
  readonly kind: PrincipalKind;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface TokenRequest {
  readonly principal: string;
  readonly kind: PrincipalKind;
  readonly expiresAt: Date;
}

/**
 * Makes a token and stores its hash. The token is returned this once and can't be had again.
 * Fails with `access.bad_principal`, `access.bad_expiry`.
 */
export async function issueToken(
  state: Store,
  request: TokenRequest,
  clock: Clock = systemClock,
): Promise<string> {
  const now = clock.now();
  checkRequest(request, now);
  const token = `onecopy_${randomBytes(32).toString("base64url")}`;
  const stored: z.infer<typeof StoredToken> = {
    principal: request.principal,
    kind: request.kind,
    createdAt: now.toISOString(),
    expiresAt: request.expiresAt.toISOString(),
  };
  const key = keyOf(sha256(token));
  const outcome = await state.put(key, JSON.stringify(stored), { ifAbsent: true });
  // Nobody else can have made this key, so finding it settles an unknown outcome.
  if (outcome.kind === "unknown" && (await state.head(key)).kind === "absent") {
    throw new OneCopyError("access.token_not_stored", `The state ${state.url} did not take the new token.`, {
      remedy: "Look whether the state can be written, then ask for the token again.",
      cause: outcome.cause,
    });
  }
  return token;
}

function checkRequest(request: TokenRequest, now: Date): void {
  if (!PRINCIPAL_NAME.test(request.principal)) {
    throw new OneCopyError(
      "access.bad_principal",
      `${JSON.stringify(request.principal)} can't name a principal.`,
      {
        remedy: "Use up to 128 letters, digits and . _ @ + -, beginning with a letter or digit.",
      },
    );
  }
  if (!(request.expiresAt > now)) {
    throw new OneCopyError("access.bad_expiry", "A token must expire at a moment that is still to come.", {
      remedy: "Give a later expiry.",
    });
  }
}

/**
 * Whose token this is; undefined when it was never issued, was revoked, or has expired. An access token stands for the
 * token that was its secret, whose id it has here, and ends with that.
 *
 * The token is looked up by its hash, so what the time of a look-up may give away is about a hash that nobody
 * can choose a token for; no secret is ever compared byte by byte.
 */
export async function verifyToken(
  state: Store,
  token: string,
  clock: Clock = systemClock,
  hash: string = sha256(token),
): Promise<Principal | undefined> {
  const id = TOKEN.test(token) ? hash : await secretOf(state, token, clock);
  return id === undefined ? undefined : await principalOf(state, id, clock);
}

/** Whose token this is, by its id; undefined as for `verifyToken`. What was given out for a token ends with it. */
export async function principalOf(
  state: Store,
  tokenId: string,
  clock: Clock = systemClock,
): Promise<Principal | undefined> {
  const info = await stored(state, keyOf(tokenId));
  if (info === undefined || info.expiresAt <= clock.now()) return undefined;
  const { kind, expiresAt } = info;
  return { name: info.principal, kind, expiresAt, tokenId, anywhere: kind === "admin", writes: [] };
}

/** How many tokens are remembered as they were read, for each state. */
const REMEMBERED = 1000;
const read = new WeakMap<Store, Map<string, { readonly etag: string; readonly info: TokenInfo }>>();

/** What is stored as of now: read again only when it is another than the last time. */
async function stored(state: Store, key: string): Promise<TokenInfo | undefined> {
  const now = await state.head(key);
  if (now.kind === "absent") return undefined;
  const remembered = read.get(state) ?? new Map<string, { etag: string; info: TokenInfo }>();
  read.set(state, remembered);
  const known = remembered.get(key);
  if (known?.etag === now.entry.etag) return known.info;
  const found = await state.get(key);
  if (found.kind === "absent") return undefined;
  const info = parse(found.body, key);
  if (info === undefined) throw unreadable(key, state);
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(key, { etag: found.entry.etag, info });
  return info;
}

/** Ends every token of a principal, whatever its kind. Returns the kinds of those that there were. */
export async function revokeTokens(state: Store, principal: string): Promise<PrincipalKind[]> {
  const keys: string[] = [];
  const kinds: PrincipalKind[] = [];
  for await (const { key, info } of tokens(state)) {
    // What can't be read lets nobody in, and must not keep the others from being revoked.
    if (info?.principal !== principal) continue;
    keys.push(key);
    kinds.push(info.kind);
  }
  for (const key of keys) {
    await state.delete(key);
    await removeAccessTokens(state, idIn(key));
  }
  return kinds;
}

/**
 * Lets the other tokens of a recipient end no later than a moment: so that a new one and they overlap. `keep` is the token
 * that stays as it is, if any. Returns how many end earlier than they would have.
 */
export async function shortenTokens(
  state: Store,
  recipient: string,
  { endsAt, keep }: { readonly endsAt: Date; readonly keep?: string },
): Promise<number> {
  let shortened = 0;
  for await (const { key, info, etag } of tokens(state)) {
    if (info?.principal !== recipient || info.kind !== "recipient" || info.expiresAt <= endsAt) continue;
    if (keep !== undefined && key === keyOf(sha256(keep))) continue;
    const stored: z.infer<typeof StoredToken> = {
      principal: info.principal,
      kind: info.kind,
      createdAt: info.createdAt.toISOString(),
      expiresAt: endsAt.toISOString(),
    };
    // A token that was revoked since it was read must not come back.
    const outcome = await state.put(key, JSON.stringify(stored), { ifMatch: etag });
    if (outcome.kind === "unknown") throw outcome.cause;
    if (outcome.kind === "written") shortened += 1;
  }
  return shortened;
}

/** Ends this token, and no other of its principal. */
export async function revokeToken(state: Store, token: string): Promise<void> {
  await state.delete(keyOf(sha256(token)));
  await removeAccessTokens(state, sha256(token));
}

/** Every token that is stored, expired ones too, in no particular order. Fails with `access.token_unreadable`. */
export async function listTokens(state: Store): Promise<TokenInfo[]> {
  const list: TokenInfo[] = [];
  for await (const { key, info } of tokens(state)) {
    if (info === undefined) throw unreadable(key, state);
    list.push(info);
  }
  return list;
}

async function* tokens(
  state: Store,
): AsyncGenerator<{ key: string; info: TokenInfo | undefined; etag: string }> {
  for await (const { key } of state.list(FOLDER)) {
    const found = await state.get(key);
    // Absent: revoked by somebody else since the listing.
    if (found.kind === "found") yield { key, info: parse(found.body, key), etag: found.entry.etag };
  }
}

function parse(body: Uint8Array, key: string): TokenInfo | undefined {
  const parsed = StoredToken.safeParse(jsonIn(body));
  if (!parsed.success) return undefined;
  return {
    ...parsed.data,
    id: idIn(key).slice(0, 12),
    createdAt: new Date(parsed.data.createdAt),
    expiresAt: new Date(parsed.data.expiresAt),
  };
}

function unreadable(key: string, state: Store): OneCopyError {
  return new OneCopyError(
    "access.token_unreadable",
    `${key} in the state ${state.url} is not a stored token.`,
    {
      remedy: "Delete that object, and issue a new token to whoever it belonged to.",
    },
  );
}

function idIn(key: string): string {
  return key.slice(FOLDER.length, -".json".length);
}

function keyOf(tokenId: string): string {
  return `${FOLDER}${tokenId}.json`;
}
