import type { LentRight } from "../lending.ts";

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
  { bucket, region }: { readonly bucket: string; readonly region: string },
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
  return { Version: "2012-10-17", Statement: may === "write" ? [...reading, writing] : reading };
}

/** A name, not a pattern or a variable (AWS IAM, "Policy variables": `${*}`, `${?}`, `${$}`). */
function literal(text: string): string {
  return text.replaceAll(/[*?$]/g, (character) => `\${${character}}`);
}

function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
