import { OneCopyError } from "../../base/index.ts";
import { oneLine } from "../key.ts";
import type { S3Response } from "./client.ts";
import type { S3Settings } from "./settings.ts";
import { type XmlElement, parseXml, textOf } from "./xml.ts";

/** The code in an error's body, `AccessDenied`; nothing where there is none, as with HEAD. */
export function errorCode(response: S3Response): string | undefined {
  const error = errorBody(response);
  return error === undefined ? undefined : textOf(error, "Code");
}

function errorBody({ status, body }: S3Response): XmlElement | undefined {
  if (status < 300 || body.length === 0 || body.length > 100_000) return undefined;
  try {
    const root = parseXml(new TextDecoder().decode(body));
    return root.name === "Error" ? root : undefined;
  } catch {
    return undefined; // of a proxy, or in HTML: the status has to do
  }
}

const remediesByCode: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: "AWS_ACCESS_KEY_ID is not known there: see that it and the endpoint belong together.",
  SignatureDoesNotMatch: "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID.",
  ExpiredToken:
    "The temporary keys have expired: set new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.",
  InvalidToken: "AWS_SESSION_TOKEN does not belong to these keys.",
  RequestTimeTooSkewed: "This machine's clock and the store's are too far apart: set the clock.",
};

/** What the store refused, and what to do about it. `action`: `read`, `write`, `list`, `delete`. */
export function s3Error(
  action: string,
  objectKey: string,
  settings: S3Settings,
  response: S3Response,
): OneCopyError {
  const { bucket, endpoint, region } = settings;
  const error = errorBody(response);
  const code = error === undefined ? undefined : textOf(error, "Code");
  const said = error === undefined ? "" : (textOf(error, "Message") ?? "").slice(0, 300);
  const answer = [String(response.status), code, said]
    .filter((part) => part !== undefined && part !== "")
    .join(" ");
  const failed = (name: string, remedy?: string): OneCopyError =>
    new OneCopyError(
      name,
      `Could not ${action} s3://${bucket}/${oneLine(objectKey)} at ${endpoint.origin}: ${answer}`,
      {
        ...(remedy === undefined ? {} : { remedy }),
      },
    );
  const itsRegion =
    response.headers.get("x-amz-bucket-region") ??
    (error === undefined ? undefined : textOf(error, "Region"));
  if (code === "NoSuchBucket")
    return failed(
      "storage.no_bucket",
      `Make the bucket ${bucket}, or correct the address; OneCopy makes none.`,
    );
  if (
    [301, 307].includes(response.status) ||
    code === "AuthorizationHeaderMalformed" ||
    code === "IllegalLocationConstraintException"
  )
    return failed(
      "storage.wrong_region",
      `The bucket is ${itsRegion ? `in ${itsRegion}: set AWS_REGION=${itsRegion}` : `not in ${region}: set AWS_REGION to its region`}, and no endpoint of another one.`,
    );
  if (response.status === 401 || response.status === 403)
    return failed("storage.denied", remediesByCode[code ?? ""] ?? rightsRemedy(settings));
  return failed("storage.failed");
}

function rightsRemedy({ credentials, bucket, prefix }: S3Settings): string {
  if (credentials === undefined)
    return "No AWS_ACCESS_KEY_ID is set, so requests are not signed: set the keys.";
  return `Give these keys s3:ListBucket on ${bucket}, and s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload on ${bucket}/${prefix}*.`;
}
