import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type Clock, OneCopyError, sha256 } from "../base/index.ts";
import type { Store } from "../storage/index.ts";
import { PRINCIPAL_NAME } from "./principal.ts";
import { jsonIn } from "./stored.ts";
import { issueToken, revokeToken } from "./token.ts";

const FOLDER = "activation-links/";

/** Longer than a token, so that neither is ever taken for the other; then 256 random bits. */
const SECRET = /^onecopy_activation_[A-Za-z0-9_-]{43}$/;

const StoredLink = z.strictObject({
  recipient: z.string().regex(PRINCIPAL_NAME),
  /** How long the token will live, from the opening on; default: as the recipient's configuration says then. */
  tokenDays: z.number().positive().optional(),
  /** The profile file shall be one for OAuth2 client credentials. */
  oauth: z.boolean(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  openedAt: z.iso.datetime().optional(),
});

/** What a link is: without the secret that opens it, of which the state holds the hash. */
export interface ActivationLink extends Readonly<z.infer<typeof StoredLink>> {
  /** The secret's hash. */
  readonly id: string;
}

/** A one-time link with which a recipient gets its profile file. */
export type Opening =
  | { readonly kind: "opened"; readonly token: string; readonly expiresAt: Date }
  /** It was opened before, or has just been by somebody else. */
  | { readonly kind: "used" }
  | { readonly kind: "expired" }
  /** It was revoked meanwhile. */
  | { readonly kind: "gone" };

/** Makes a link, and returns the secret in it this once. */
export async function makeActivationLink(
  state: Store,
  link: Pick<ActivationLink, "recipient" | "tokenDays" | "oauth"> & { readonly expiresAt: Date },
  clock: Clock,
): Promise<string> {
  const secret = `onecopy_activation_${randomBytes(32).toString("base64url")}`;
  const stored: z.infer<typeof StoredLink> = {
    ...link,
    createdAt: clock.now().toISOString(),
    expiresAt: link.expiresAt.toISOString(),
  };
  const outcome = await state.put(keyOf(sha256(secret)), JSON.stringify(stored), { ifAbsent: true });
  // A link that nobody was told of opens nothing, so there is nothing to settle.
  if (outcome.kind === "unknown")
    throw new OneCopyError("access.link_not_stored", `The state ${state.url} did not take the new link.`, {
      remedy: "Look whether the state can be written, then ask for a link again.",
      cause: outcome.cause,
    });
  return secret;
}

/** The link that a secret opens, also where it was opened or has ended; undefined where there is none. */
export async function activationLink(state: Store, secret: string): Promise<ActivationLink | undefined> {
  return SECRET.test(secret) ? (await read(state, keyOf(sha256(secret))))?.link : undefined;
}

/**
 * Opens a link: the first to do so gets a token, everybody else nothing. It is marked before the token is made, so that
 * a server that dies in between has used it up rather than given it twice.
 */
export async function openActivationLink(
  state: Store,
  id: string,
  { tokenDays, clock }: { readonly tokenDays: number; readonly clock: Clock },
): Promise<Opening> {
  const key = keyOf(id);
  const found = await read(state, key);
  if (found === undefined) return { kind: "gone" };
  const { link, body, etag } = found;
  const now = clock.now();
  if (link.openedAt !== undefined) return { kind: "used" };
  if (new Date(link.expiresAt) <= now) return { kind: "expired" };
  const { id: _, ...stored } = link;
  const opened = JSON.stringify({ ...stored, openedAt: now.toISOString() });
  const outcome = await state.put(key, opened, { ifMatch: etag });
  // Whether it was this one that used it up is not known: it counts as used, and an admin makes another link.
  if (outcome.kind === "unknown") throw outcome.cause;
  if (outcome.kind === "conflict") return { kind: "used" };
  const expiresAt = new Date(now.getTime() + (link.tokenDays ?? tokenDays) * 86_400_000);
  const request = { principal: link.recipient, kind: "recipient", expiresAt } as const;
  const token = await issueToken(state, request, clock).catch(async (cause: unknown) => {
    await state.put(key, body, { ifMatch: outcome.etag }).catch(() => undefined);
    throw cause;
  });
  // Whoever revokes takes away links first, then tokens: a token that came too late to be seen must not stay.
  if ((await state.head(key)).kind === "found") return { kind: "opened", token, expiresAt };
  await revokeToken(state, token);
  return { kind: "gone" };
}

/** Links that can still be opened, in no particular order. What can't be read opens nothing, and is left out. */
export async function openLinks(state: Store, now: Date): Promise<ActivationLink[]> {
  const links: ActivationLink[] = [];
  for await (const { link } of stored(state))
    if (link?.openedAt === undefined && link !== undefined && new Date(link.expiresAt) > now)
      links.push(link);
  return links;
}

/** Takes away a recipient's links, also those that were opened. Returns how many could have been opened still. */
export async function removeActivationLinks(state: Store, recipient: string, now: Date): Promise<number> {
  const keys: string[] = [];
  let open = 0;
  for await (const { key, link } of stored(state)) {
    if (link?.recipient !== recipient) continue;
    keys.push(key);
    if (link.openedAt === undefined && new Date(link.expiresAt) > now) open += 1;
  }
  for (const key of keys) await state.delete(key);
  return open;
}

async function* stored(state: Store): AsyncGenerator<{ key: string; link: ActivationLink | undefined }> {
  for await (const { key } of state.list(FOLDER)) {
    const found = await state.get(key);
    if (found.kind === "found") yield { key, link: parse(found.body, key) };
  }
}

/** Fails with `access.link_unreadable`. */
async function read(
  state: Store,
  key: string,
): Promise<{ link: ActivationLink; body: Uint8Array; etag: string } | undefined> {
  const found = await state.get(key);
  if (found.kind === "absent") return undefined;
  const link = parse(found.body, key);
  if (link !== undefined) return { link, body: found.body, etag: found.entry.etag };
  throw new OneCopyError(
    "access.link_unreadable",
    `${key} in the state ${state.url} is not an activation link.`,
    { remedy: "Delete that object, and make another link for whoever it belonged to." },
  );
}

function parse(body: Uint8Array, key: string): ActivationLink | undefined {
  const parsed = StoredLink.safeParse(jsonIn(body));
  return parsed.success ? { ...parsed.data, id: key.slice(FOLDER.length, -".json".length) } : undefined;
}

function keyOf(id: string): string {
  return `${FOLDER}${id}.json`;
}
