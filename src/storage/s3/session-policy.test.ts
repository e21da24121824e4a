import { expect, test } from "vitest";
import { sessionPolicy } from "./session-policy.ts";

const bucket = { bucket: "acme-lake", region: "eu-central-1", isOwnEndpoint: false };
const folder = "onecopy/unified/customer_360";

test("keys to read a table reach its folder, and nothing beside it", () => {
  expect(sessionPolicy(bucket, folder, "read")).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Read",
        Effect: "Allow",
        Action: ["s3:GetObject"],
        Resource: ["arn:aws:s3:::acme-lake/onecopy/unified/customer_360/*"],
      },
      {
        Sid: "List",
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: ["arn:aws:s3:::acme-lake"],
        Condition: { StringLike: { "s3:prefix": ["onecopy/unified/customer_360/*"] } },
      },
      {
        Sid: "Encryption",
        Effect: "Allow",
        Action: ["kms:Decrypt"],
        Resource: ["*"],
        Condition: { StringLike: { "kms:ViaService": ["s3.eu-central-1.amazonaws.com"] } },
      },
    ],
  });
});

test("a store of one's own knows nothing of AWS's keys for encryption", () => {
  const { Statement } = sessionPolicy({ ...bucket, isOwnEndpoint: true }, folder, "write");
  expect(Statement.map(({ Sid }) => Sid)).toEqual(["Read", "List", "Write"]);
});

test("keys to write one put data and Iceberg's metadata, never the log, and delete nothing", () => {
  expect(sessionPolicy(bucket, folder, "write")).toEqual({
    Version: "2012-10-17",
    Statement: [
      ...sessionPolicy(bucket, folder, "read").Statement.slice(0, 2),
      {
        Sid: "Write",
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
        Resource: [
          "arn:aws:s3:::acme-lake/onecopy/unified/customer_360/data/*",
          "arn:aws:s3:::acme-lake/onecopy/unified/customer_360/_iceberg/*",
        ],
      },
      {
        Sid: "Encryption",
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: ["*"],
        Condition: { StringLike: { "kms:ViaService": ["s3.eu-central-1.amazonaws.com"] } },
      },
    ],
  });
});

test("a folder's name is no pattern, and no variable", () => {
  const [read] = sessionPolicy(bucket, "a*/b?/${aws:username}", "read").Statement;
  expect(read?.Resource).toEqual(["arn:aws:s3:::acme-lake/a${*}/b${?}/${$}{aws:username}/*"]);
});

test.each([
  ["cn-north-1", "arn:aws-cn:s3:::acme-lake"],
  ["us-gov-west-1", "arn:aws-us-gov:s3:::acme-lake"],
])("names are those of the region's partition: %s", (region, arn) => {
  expect(sessionPolicy({ ...bucket, region }, folder, "read").Statement[1]?.Resource).toEqual([arn]);
});
