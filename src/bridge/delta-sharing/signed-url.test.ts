import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type FileClaims, SIGNATURE_KEY, signFile, verifyFile } from "./signed-url.ts";

const secret = randomBytes(32);
const now = new Date("2026-11-22T12:00:00Z");
const claims: FileClaims = {
  token: "5".repeat(64),
  share: "sales",
  table: "unified.orders",
  key: "tables/1/data/žluť 100%.parquet",
  expires: now.getTime() + 1000,
};

function split(signed: string): [file: string, signature: string] {
  const [file = "", query = ""] = signed.split("?");
  return [file, new URLSearchParams(query).get(SIGNATURE_KEY) ?? ""];
}

test("a signed address gives back what was signed", () => {
  expect(verifyFile(secret, ...split(signFile(secret, claims)), now)).toEqual({ kind: "valid", claims });
});

test("no client has anything to encode in it", () => {
  expect(signFile(secret, claims)).toMatch(/^[A-Za-z0-9_-]+\.parquet\?X-Amz-Signature=[0-9a-f]{64}$/);
});

test("it ends at its expiry", () => {
  const signed = split(signFile(secret, claims));
  expect(verifyFile(secret, ...signed, new Date(claims.expires - 1)).kind).toBe("valid");
  expect(verifyFile(secret, ...signed, new Date(claims.expires)).kind).toBe("expired");
});

test("changing any character makes it a forgery", () => {
  const [file, signature] = split(signFile(secret, claims));
  fc.assert(
    fc.property(
      fc.nat(file.length + signature.length - 1),
      fc.constantFrom(..."Aa0_-./%"),
      (at, character) => {
        const text = file + signature;
        if (text[at] === character) return;
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        const verified = verifyFile(secret, changed.slice(0, file.length), changed.slice(file.length), now);
        expect(verified.kind).toBe("forged");
      },
    ),
  );
});

test("claims without, or with another server's, signature are a forgery", () => {
  const [file, signature] = split(signFile(secret, claims));
  expect(verifyFile(randomBytes(32), file, signature, now).kind).toBe("forged");
  expect(verifyFile(secret, file, undefined, now).kind).toBe("forged");
  expect(verifyFile(secret, file, "", now).kind).toBe("forged");
  expect(verifyFile(secret, file, signature.toUpperCase(), now).kind).toBe("forged");
});
