import type { LentRight } from "../lending.ts";
import { type S3Settings, awsEndpoint } from "./settings.ts";

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: { readonly StringLike: Readonly<Record<string, readonly string[]>> };
}

export interface SessionPolicy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** Where an engine may put new files of a table: not into the log, whose commits are OneCopy's to decide. */
const WRITTEN_FOLDERS = ["data", "_iceberg"];

/**
 * What keys to one folder may do, whatever the role may beyond that (AWS IAM, "Session policies": both must allow it).
 * `folder`: its object key in the bucket, without a slash at its end.
 */
export function sessionPolicy(
  { bucket, region, isOwnEndpoint }: Pick<S3Settings, "bucket" | "region" | "isOwnEndpoint">,
  folder: string,
  may: LentRight,
): SessionPolicy {
  const ofBucket = `arn:${partitionOf(region)}:s3:::${literal(bucket)}`;
  const below = `${literal(folder)}/`;
  const reading: Statement[] = [
    { Sid: "Read", Effect: "Allow", Action: ["s3:GetObject"], Resource: [`${ofBucket}/${below}*`] },
    {
      Sid: "List",
      Effect: "Allow",
      Action: ["s3:ListBucket"],
      Resource: [ofBucket],
      Condition: { StringLike: { "s3:prefix": [`${below}*`] } },
    },
  ];
  const writing: Statement = {
    Sid: "Write",
    Effect: "Allow",
    Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
    Resource: WRITTEN_FOLDERS.map((name) => `${ofBucket}/${below}${name}/*`),
  };
  const statements = may === "write" ? [...reading, writing] : reading;
  return {
    Version: "2012-10-17",
    Statement: isOwnEndpoint ? statements : [...statements, encryption(region, may)],
  };
}

/**
 * Objects may be encrypted with a key of the owner's in KMS, which S3 uses in the reader's name (Amazon S3, "SSE-KMS",
 * Permissions). Other stores do not know the service.
 */
function encryption(region: string, may: LentRight): Statement {
  return {
    Sid: "Encryption",
    Effect: "Allow",
    Action: may === "write" ? ["kms:Decrypt", "kms:GenerateDataKey"] : ["kms:Decrypt"],
    Resource: ["*"],
    Condition: { StringLike: { "kms:ViaService": [new URL(awsEndpoint("s3", region)).host] } },
  };
}

/** A name, not a pattern or a variable (AWS IAM, "Policy variables": `${*}`, `${?}`, `${$}`). */
function literal(text: string): string {
  return text.replaceAll(/[*?$]/g, (character) => `\${${character}}`);
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
