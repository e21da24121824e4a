import { z } from "zod";
import { OneCopyError, messageOf } from "../../../base/index.ts";
import { isLoopback, requireSafe, tokenSource } from "../oauth.ts";

/** What a profile file gives (PROTOCOL.md, "Profile File Format"): where the server is, and how it is told who asks. */
export interface SharingProfile {
  /** Ends with a slash. */
  readonly endpoint: URL;
  /** The value of the header `Authorization`. Fails with `remote.profile_expired`, and as `askRemote` does. */
  readonly authorization: () => Promise<string>;
}

const moment = z.string().refine((text) => !Number.isNaN(Date.parse(text)), "must be a time in ISO 8601");
const bearer = { bearerToken: z.string().min(1), expirationTime: moment.nullish() };
const endpoint = z.url({ protocol: /^https?$/ });

const Profile = z.union([
  z.object({ shareCredentialsVersion: z.literal(1), endpoint, ...bearer }),
  z.discriminatedUnion("type", [
    z.object({ shareCredentialsVersion: z.literal(2), endpoint, type: z.literal("bearer_token"), ...bearer }),
    z.object({
      shareCredentialsVersion: z.literal(2),
      endpoint,
      type: z.literal("basic"),
      username: z.string(),
      password: z.string(),
    }),
    z.object({
      shareCredentialsVersion: z.literal(2),
      endpoint,
      type: z.literal("oauth_client_credentials"),
      tokenEndpoint: z.url({ protocol: /^https?$/ }),
      clientId: z.string().min(1),
      clientSecret: z.string().min(1),
      scope: z.string().nullish(),
    }),
  ]),
]);

/** Fails with `remote.profile_invalid`, which repeats nothing of the text, and with `remote.not_encrypted`. */
export function parseProfile(text: string, reference: string): SharingProfile {
  const profile = parsed(text, reference);
  const url = new URL(profile.endpoint.replace(/\/*$/, "/"));
  requireSafe(url);
  return { endpoint: url, authorization: authorizationOf(profile, reference) };
}

function authorizationOf(profile: z.output<typeof Profile>, reference: string): () => Promise<string> {
  if ("bearerToken" in profile) {
    const { bearerToken, expirationTime } = profile;
    return () => {
      if (expirationTime != null && Date.parse(expirationTime) <= Date.now())
        return Promise.reject(expired(reference, expirationTime));
      return Promise.resolve(`Bearer ${bearerToken}`);
    };
  }
  if (profile.type === "basic") {
    const pair = Buffer.from(`${profile.username}:${profile.password}`).toString("base64");
    return () => Promise.resolve(`Basic ${pair}`);
  }
  const { tokenEndpoint, clientId, clientSecret, scope } = profile;
  const token = tokenSource({
    tokenEndpoint: new URL(tokenEndpoint),
    clientId,
    clientSecret,
    scope: scope ?? undefined,
    by: "basic",
  });
  return async () => `Bearer ${await token()}`;
}

function parsed(text: string, reference: string): z.output<typeof Profile> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(reference, "it is no JSON");
  }
  const { shareCredentialsVersion: version, type } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof version === "number" && version > 2)
    throw invalid(reference, `its shareCredentialsVersion is ${version}; 1 and 2 are known`);
  if (version === 2 && type === "oauth_jwt_bearer_private_key_jwt")
    throw invalid(reference, `its type is ${type}, which needs a signed assertion and is not supported`);
  const result = Profile.safeParse(value);
  if (result.success) return result.data;
  throw invalid(reference, messageOf(result.error));
}

function invalid(reference: string, why: string): OneCopyError {
  return new OneCopyError("remote.profile_invalid", `${reference} is no Delta Sharing profile: ${why}.`, {
    remedy: "Take the file as the provider's activation link gives it, unchanged, or ask for a new one.",
  });
}

function expired(reference: string, when: string): OneCopyError {
  return new OneCopyError(
    "remote.profile_expired",
    `The token of the profile ${reference} ended at ${when}.`,
    {
      remedy: "Ask the provider of the share for a new profile file, and put it in the place of this one.",
    },
  );
}

/** File addresses of an encrypted server are encrypted, too, and those of this machine are only for a server on it. */
export function isAllowedAddress(url: URL, server: URL): boolean {
  if (url.username !== "" || url.password !== "") return false;
  if (url.protocol === "https:") return !isLoopback(url) || isLoopback(server);
  return url.protocol === "http:" && server.protocol === "http:" && isLoopback(url);
}
