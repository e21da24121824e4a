import { expect, test } from "vitest";
import type { Principal } from "../access/index.ts";
import { openStore } from "../storage/index.ts";
import { fileSet } from "../table/index.ts";
import { notLent } from "./lent-keys.ts";

const clock = { now: () => new Date("2026-11-27T12:00:00Z") };
const environment = {
  AWS_ACCESS_KEY_ID: "key",
  AWS_SECRET_ACCESS_KEY: "secret",
  ONECOPY_S3_LENDING_ROLE: "arn:aws:iam::111122223333:role/lender",
};
const store = openStore("s3://acme-lake/onecopy", { environment });
const table = { store, folder: "unified/orders", content: { properties: {}, files: fileSet([]) } };
const alice: Principal = {
  name: "alice",
  kind: "recipient",
  expiresAt: new Date("2026-11-27T12:15:00Z"),
  tokenId: "0",
  anywhere: true,
  writes: [],
};

test("keys are lent to a table that is all in its folder, and to one that is just being made", () => {
  expect(notLent(table, alice, clock)).toBeUndefined();
  expect(notLent({ ...table, content: undefined }, alice, clock)).toBeUndefined();
});

test.each([
  ["the store has no role", { ...environment, ONECOPY_S3_LENDING_ROLE: "" }, {}, {}, /lends no keys/],
  ["the recipient is bound to addresses", environment, {}, { anywhere: false }, /addresses/],
  [
    "the token ends before they would",
    environment,
    {},
    { expiresAt: new Date("2026-11-27T12:14:59Z") },
    /ends before/,
  ],
  [
    "the table is a shallow clone",
    environment,
    { "onecopy.clone-sources": '["unified/people"]' },
    {},
    /outside of its folder/,
  ],
])("none are lent where %s", (_why, environment, properties, changed, reason) => {
  const store = openStore("s3://acme-lake/onecopy", { environment });
  const content = { properties, files: fileSet([]) };
  expect(notLent({ ...table, store, content }, { ...alice, ...changed }, clock)).toMatch(reason);
});

test("none are lent by a lake that is a folder", () => {
  expect(notLent({ ...table, store: openStore("/tmp/lake") }, alice, clock)).toMatch(/lends no keys/);
});
