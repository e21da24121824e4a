import { hash, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** What the file URLs of one answer are good for. Nothing else is. */
const AnswerClaims = z.strictObject({
  /** The id of the token that asked; the URL ends with it. */
  token: z.string().regex(/^[0-9a-f]{64}$/),
  share: z.string(),
  table: z.string(),
  /** The table's folder in the lake. */
  folder: z.string(),
  /** Milliseconds since 1970. */
  expires: z.number(),
});

export type AnswerClaims = z.infer<typeof AnswerClaims>;

/** What one URL is good for. */
export interface FileClaims extends AnswerClaims {
  /** The file's path as the table's snapshots have it. */
  readonly path: string;
}

export type VerifiedUrl =
  | { readonly kind: "valid"; readonly claims: FileClaims }
  | { readonly kind: "forged" }
  | { readonly kind: "expired" };

/**
 * The query key of the signature. The kernel in Delta Sharing clients reads a URL over http only when it has a
 * key that it knows from an object store's presigned URLs; this one is known to all its versions.
 */
export const SIGNATURE_KEY = "X-Amz-Signature";

/** Gives addresses to the files of one answer: there may be a million of them. */
export class FileSigner {
  private readonly answer: string;
  private readonly key: string;

  constructor(secret: Uint8Array, claims: AnswerClaims) {
    this.answer = encoded(JSON.stringify(claims));
    this.key = keyOf(secret);
  }

  /** `<claims>/<path>.parquet?X-Amz-Signature=<mac>`: characters that no client encodes or decodes on the way. */
  sign(path: string): string {
    const text = `${this.answer}/${encoded(path)}`;
    return `${text}.parquet?${SIGNATURE_KEY}=${mac(this.key, text)}`;
  }
}

/** `answer` and `file` are the last two parts of the URL's path. */
export function verifyFile(
  secret: Uint8Array,
  { answer, file }: { readonly answer: string; readonly file: string },
  signature: string | undefined,
  now: Date,
): VerifiedUrl {
  const path = /^([A-Za-z0-9_-]{1,4000})\.parquet$/.exec(file)?.[1];
  const isForm = /^[A-Za-z0-9_-]{1,4000}$/.test(answer);
  if (path === undefined || !isForm || signature === undefined || !/^[0-9a-f]{64}$/.test(signature))
    return { kind: "forged" };
  const expected = Buffer.from(mac(keyOf(secret), `${answer}/${path}`), "hex");
  if (!timingSafeEqual(expected, Buffer.from(signature, "hex"))) return { kind: "forged" };
  const claims = AnswerClaims.parse(JSON.parse(decoded(answer)));
  if (claims.expires <= now.getTime()) return { kind: "expired" };
  return { kind: "valid", claims: { ...claims, path: decoded(path) } };
}

/** SHA-3 with the key in front is a message authentication code as it is (NIST SP 800-185 §4), and costs a third of HMAC. */
function mac(key: string, text: string): string {
  return hash("sha3-256", `${key}${text}`, "hex");
}

/** Of fixed length, so that nothing of the text can be taken for a part of it. */
function keyOf(secret: Uint8Array): string {
  return Buffer.from(secret).toString("hex");
}

function encoded(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function decoded(text: string): string {
  return Buffer.from(text, "base64url").toString("utf8");
}
