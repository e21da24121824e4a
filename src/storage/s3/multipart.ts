import { createHash } from "node:crypto";
import type { S3Client, S3Response } from "./client.ts";
import { etagOf } from "./entry.ts";
import { errorCode, s3Error } from "./error.ts";
import { badAnswer, parseXml, textOf } from "./xml.ts";

/** Bytes to be uploaded: a buffer, or a file that is read in pieces. */
export interface Source {
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** S3 takes 10,000 parts, each of 5 MiB or more but the last. */
export const partBytes = 16 * 2 ** 20;
const mostParts = 10_000;
const atOnce = 4;

/** `unknown`: whether the object is there is not known. `etag`: what it would have, if S3 made it of MD5s. */
export type UploadOutcome =
  | { readonly kind: "written"; readonly etag: string }
  | { readonly kind: "conflict" }
  | { readonly kind: "unknown"; readonly cause: unknown; readonly etag: string };

/** Uploads in parts; the object is visible whole when the last request is through, or not at all. */
export async function uploadParts(
  client: S3Client,
  objectKey: string,
  source: Source,
  onlyIfAbsent: boolean,
): Promise<UploadOutcome> {
  const uploadId = await begin(client, objectKey);
  try {
    const parts = await sendParts(client, objectKey, uploadId, source);
    const outcome = await complete(client, objectKey, uploadId, parts, onlyIfAbsent);
    if (outcome.kind === "conflict") await abort(client, objectKey, uploadId);
    return outcome;
  } catch (error) {
    await abort(client, objectKey, uploadId);
    throw error;
  }
}

async function begin(client: S3Client, objectKey: string): Promise<string> {
  const response = await client.send({ method: "POST", objectKey, query: { uploads: "" } });
  if (response.status !== 200) throw s3Error("write", objectKey, client.settings, response);
  const uploadId = textOf(parseXml(new TextDecoder().decode(response.body)), "UploadId");
  if (uploadId === undefined || uploadId === "") throw badAnswer("it names no UploadId");
  return uploadId;
}

interface Part {
  readonly etag: string;
  readonly md5: Buffer;
}

async function sendParts(
  client: S3Client,
  objectKey: string,
  uploadId: string,
  source: Source,
): Promise<Part[]> {
  const size = Math.max(partBytes, Math.ceil(source.sizeBytes / mostParts));
  const count = Math.ceil(source.sizeBytes / size);
  const parts: Part[] = [];
  let next = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    while (next < count && !failed) {
      const index = next++;
      const body = await source.read(index * size, Math.min(size, source.sizeBytes - index * size));
      const query = { partNumber: String(index + 1), uploadId };
      const response = await client.send({ method: "PUT", objectKey, query, body });
      if (response.status !== 200) throw s3Error("write", objectKey, client.settings, response);
      const md5 = createHash("md5").update(body).digest();
      parts[index] = { etag: etagOf(response.headers.get("etag")), md5 };
    }
  };
  const workers = Array.from({ length: Math.min(atOnce, count) }, () =>
    work().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  // Nothing may still be under way when the upload is aborted.
  for (const worker of await Promise.allSettled(workers))
    if (worker.status === "rejected") throw worker.reason;
  return parts;
}

async function complete(
  client: S3Client,
  objectKey: string,
  uploadId: string,
  parts: readonly Part[],
  onlyIfAbsent: boolean,
): Promise<UploadOutcome> {
  const list = parts.map(
    ({ etag }, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>"${etag}"</ETag></Part>`,
  );
  const digest = createHash("md5");
  for (const { md5 } of parts) digest.update(md5);
  const etag = `${digest.digest("hex")}-${parts.length}`;
  const answer = await client.sendOnce({
    method: "POST",
    objectKey,
    query: { uploadId },
    headers: { "content-type": "application/xml", ...(onlyIfAbsent ? { "if-none-match": "*" } : {}) },
    body: new TextEncoder().encode(`<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`),
  });
  if ("unknown" in answer) return { kind: "unknown", cause: answer.unknown, etag };
  if (answer.status === 412) return { kind: "conflict" };
  if (answer.status === 409)
    return { kind: "unknown", cause: s3Error("write", objectKey, client.settings, answer), etag };
  if (answer.status !== 200) throw s3Error("write", objectKey, client.settings, answer);
  return completed(answer, etag);
}

/** S3 answers 200 before it is done, and may still end with an error. */
function completed(answer: S3Response, etag: string): UploadOutcome {
  const root = parseXml(new TextDecoder().decode(answer.body));
  if (root.name === "Error")
    return { kind: "unknown", cause: new Error(`the store answered ${textOf(root, "Code")}`), etag };
  return { kind: "written", etag: etagOf(textOf(root, "ETag")) };
}

/** As far as that is possible: the bucket's own rule for unfinished uploads takes the rest. */
async function abort(client: S3Client, objectKey: string, uploadId: string): Promise<void> {
  await client.send({ method: "DELETE", objectKey, query: { uploadId } }).then(errorCode, () => undefined);
}
