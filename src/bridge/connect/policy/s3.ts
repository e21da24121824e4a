import type { ConnectedTable, LakePlace } from "../installation.ts";

type S3 = Extract<LakePlace, { readonly kind: "s3" }>;

/**
 * IAM policy (JSON, version 2012-10-17) with which the tables' folders can be read and listed, and nothing else: no other
 * table, no write, and none of OneCopy's state.
 */
export function s3Policy({ bucket, prefix }: S3, tables: readonly ConnectedTable[]): object {
  const folders = tables.map(({ folder }) => literal(`${prefix}${folder}`));
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "ReadTables",
        Effect: "Allow",
        Action: ["s3:GetObject"],
        Resource: folders.map((folder) => `arn:aws:s3:::${bucket}/${folder}/*`),
      },
      {
        Sid: "ListTables",
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: [`arn:aws:s3:::${bucket}`],
        Condition: { StringLike: { "s3:prefix": folders.flatMap((folder) => [folder, `${folder}/*`]) } },
      },
      {
        Sid: "FindBucket",
        Effect: "Allow",
        Action: ["s3:GetBucketLocation"],
        Resource: [`arn:aws:s3:::${bucket}`],
      },
    ],
  };
}

/** Trust for a role that somebody else's account takes on, with the id that keeps others from having it taken on for them. */
export function trustPolicy(principal: string, externalId: string): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: principal },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": externalId } },
      },
    ],
  };
}

/** In a policy `*`, `?` and `$` stand for more than themselves. */
function literal(key: string): string {
  return key.replaceAll(/[*?$]/g, (character) => `\${${character}}`);
}
