import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** What a file URL is good for. Nothing else is. */
const FileClaims = z.strictObject({
  /** The id of the token that asked; the URL ends with it. */
  token: z.string().regex(/^[0-9a-f]{64}$/),
  share: z.string(),
  table: z.string(),
  /** The file's key in the lake. */
  key: z.string(),
  /** Milliseconds since 1970. */
  expires: z.number(),
});

export type FileClaims = z.infer<typeof FileClaims>;

export type VerifiedUrl =
  | { readonly kind: "valid"; readonly claims: FileClaims }
  | { readonly kind: "forged" }
  | { readonly kind: "expired" };

/**
 * The query key of the signature. The kernel in Delta Sharing clients reads a URL over http only when it has a
 * key that it knows from an object store's presigned URLs; this one is known to all its versions.
 */
export const SIGNATURE_KEY = "X-Amz-Signature";

/** `<claims>.parquet?X-Amz-Signature=<hmac>`: characters that no client encodes or decodes on the way. */
export function signFile(secret: Uint8Array, claims: FileClaims): string {
  const text = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${text}.parquet?${SIGNATURE_KEY}=${hmac(secret, text).toString("hex")}`;
}

/** `file` is the last part of the URL's path. */
export function verifyFile(
  secret: Uint8Array,
  file: string,
  signature: string | undefined,
  now: Date,
): VerifiedUrl {
  const text = /^([A-Za-z0-9_-]{1,8000})\.parquet$/.exec(file)?.[1];
  if (text === undefined || signature === undefined || !/^[0-9a-f]{64}$/.test(signature)) {
    return { kind: "forged" };
  }
  if (!timingSafeEqual(hmac(secret, text), Buffer.from(signature, "hex"))) return { kind: "forged" };
  const claims = FileClaims.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  return claims.expires <= now.getTime() ? { kind: "expired" } : { kind: "valid", claims };
}

function hmac(secret: Uint8Array, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
