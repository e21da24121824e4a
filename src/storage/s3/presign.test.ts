import { AwsV4Signer } from "aws4fetch";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isKey } from "../key.ts";
import { presigner } from "./presign.ts";
import { objectUrl, s3Settings } from "./settings.ts";

const keys = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret/+= é" };
const dateMs = Date.parse("2026-11-27T04:05:06.789Z");

describe.each([
  ["AWS", "s3://bucket/a lake", {}],
  [
    "AWS, a region and a session",
    "s3://bucket",
    { AWS_REGION: "cn-north-1", AWS_SESSION_TOKEN: "to/ken+==" },
  ],
  ["a bucket with a dot", "s3://my.bucket/é/x", {}],
  ["a service of one's own", "s3://bucket/lake", { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9000/under/" }],
  ["its default port", "s3://bucket/lake", { AWS_ENDPOINT_URL_S3: "http://Store.example:80" }],
])("a presigned URL at %s", (_name, address, more) => {
  const settings = s3Settings(address, { ...keys, ...more });
  const signed = { ...settings, credentials: settings.credentials! };

  test("is what another signer makes of the same object", async () => {
    const own = presigner(signed, { lifeSeconds: 900, dateMs });
    const key = fc.string({ minLength: 1, unit: "grapheme", maxLength: 30 }).filter(isKey);
    await fc.assert(
      fc.asyncProperty(key, async (objectKey) => {
        const url = objectUrl(settings, settings.prefix + objectKey, { "X-Amz-Expires": "900" });
        const signer = new AwsV4Signer({
          url: url.href,
          signQuery: true,
          service: "s3",
          region: settings.region,
          datetime: "20261127T040506Z",
          ...settings.credentials!,
        });
        const other = new URL((await signer.sign()).url);
        const mine = new URL(own.url(objectKey));
        expect(mine.origin + mine.pathname).toBe(other.origin + other.pathname);
        expect(Object.fromEntries(mine.searchParams)).toEqual(Object.fromEntries(other.searchParams));
      }),
    );
  });
});

test("lives as long as was asked for, whole seconds, a week at the most", () => {
  const settings = s3Settings("s3://bucket", keys);
  const life = (lifeSeconds: number) =>
    presigner({ ...settings, credentials: settings.credentials! }, { lifeSeconds, dateMs }).lifeSeconds;
  expect([900, 1.9, 0.2, 1e9].map(life)).toEqual([900, 1, 1, 604_800]);
});
