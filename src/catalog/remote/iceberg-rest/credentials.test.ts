import { expect, test } from "vitest";
import type { LoadedTable } from "./client.ts";
import { credentialsEndMs, vendedEnvironment } from "./credentials.ts";

const own = {
  PATH: "/bin",
  AWS_ACCESS_KEY_ID: "mine",
  AWS_SESSION_TOKEN: "mine",
  AWS_ENDPOINT_URL: "https://mine.example.com",
  AZURE_STORAGE_KEY: "mine",
  GOOGLE_APPLICATION_CREDENTIALS: "/mine.json",
};
const table = (
  location: string,
  config: Record<string, string>,
  credentials: LoadedTable["storage-credentials"] = [],
): LoadedTable => ({
  metadata: { location, "last-updated-ms": 1 },
  config,
  "storage-credentials": credentials,
});
const s3 = { "s3.access-key-id": "theirs", "s3.secret-access-key": "secret", "s3.session-token": "token" };

test("keys that the catalog gives are used alone, without a part of this machine's", () => {
  expect(vendedEnvironment(table("s3a://b/t", { ...s3, "client.region": "eu-1" }), own)).toEqual({
    PATH: "/bin",
    AWS_ACCESS_KEY_ID: "theirs",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "token",
    AWS_REGION: "eu-1",
  });
  const sas = { "adls.sas-token.acct.dfs.core.windows.net": "sv=1", "adls.sas-token.other": "sv=2" };
  expect(vendedEnvironment(table("abfss://c@acct.dfs.core.windows.net/t", sas), own)).toEqual({
    PATH: "/bin",
    AZURE_STORAGE_SAS_TOKEN: "sv=1",
  });
  expect(vendedEnvironment(table("gs://b/t", { "gcs.oauth2.token": "ya" }), own)).toEqual({
    PATH: "/bin",
    GOOGLE_OAUTH_ACCESS_TOKEN: "ya",
  });
});

test("without keys of the catalog this machine's own stay, and no endpoint of the catalog comes beside them", () => {
  expect(
    vendedEnvironment(table("s3://b/t", { "s3.endpoint": "https://evil.example.com" }), own),
  ).toBeUndefined();
  expect(vendedEnvironment(table("gs://b/t", s3), own)).toBeUndefined();
});

test("of several credentials those of the longest prefix count, before those of the table", () => {
  const credentials = [
    { prefix: "s3://b/", config: { ...s3, "s3.access-key-id": "wide" } },
    {
      prefix: "s3://b/t",
      config: { ...s3, "s3.access-key-id": "near", "s3.session-token-expires-at-ms": "99" },
    },
    { prefix: "s3://other/t", config: { ...s3, "s3.access-key-id": "other" } },
  ];
  const found = table("s3://b/t", s3, credentials);
  expect(vendedEnvironment(found, {})).toMatchObject({ AWS_ACCESS_KEY_ID: "near" });
  expect(credentialsEndMs(found)).toBe(99);
});
