import { createHmac, hash } from "node:crypto";
import type { Presigner } from "../lending.ts";
import { type S3Settings, addressOf, encode, encodePath } from "./settings.ts";

/** A URL is good for a week at the most (Amazon S3, "Authenticating Requests: Using Query Parameters", X-Amz-Expires). */
const LONGEST_LIFE_SECONDS = 7 * 24 * 3600;

/**
 * Signs reads of objects by their query (Signature Version 4; the only signed header is `host`). Here and not by
 * the library, since a share may have a million files: this takes some microseconds a URL. `dateMs`: by the store's clock.
 */
export function presigner(
  settings: S3Settings & { readonly credentials: NonNullable<S3Settings["credentials"]> },
  { lifeSeconds, dateMs }: { readonly lifeSeconds: number; readonly dateMs: number },
): Presigner {
  const { region, prefix } = settings;
  const { accessKeyId, secretAccessKey, sessionToken } = settings.credentials;
  const date = new Date(dateMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, "");
  const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`;
  const signingKey = scope
    .split("/")
    .reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  const seconds = Math.max(1, Math.min(LONGEST_LIFE_SECONDS, Math.floor(lifeSeconds)));
  // In the order that the canonical request wants.
  const query = Object.entries({
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${accessKeyId}/${scope}`,
    "X-Amz-Date": date,
    "X-Amz-Expires": String(seconds),
    ...(sessionToken === undefined ? {} : { "X-Amz-Security-Token": sessionToken }),
    "X-Amz-SignedHeaders": "host",
  })
    .map(([name, value]) => `${name}=${encode(value)}`)
    .join("&");
  const { origin, path } = addressOf(settings);
  const root = path + encodePath(prefix);
  const after = `\n${query}\nhost:${new URL(origin).host}\n\nhost\nUNSIGNED-PAYLOAD`;
  return {
    lifeSeconds: seconds,
    url: (key) => {
      const at = root + encodePath(key);
      const canonical = hash("sha256", `GET\n${at}${after}`, "hex");
      const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${canonical}`;
      return `${origin}${at}?${query}&X-Amz-Signature=${hmac(signingKey, text).toString("hex")}`;
    },
  };
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
