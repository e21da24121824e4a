import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type AnswerClaims, FileSigner, SIGNATURE_KEY, verifyFile } from "./signed-url.ts";

const secret = randomBytes(32);
const now = new Date("2026-11-22T12:00:00Z");
const claims: AnswerClaims = {
  token: "5".repeat(64),
  share: "sales",
  table: "unified.orders",
  folder: "unified/orders",
  expires: now.getTime() + 1000,
};

const path = "data/žluť 100%.parquet";
const signed = new FileSigner(secret, claims).sign(path);

function split(address: string): [parts: { answer: string; file: string }, signature: string] {
  const [text = "", query = ""] = address.split("?");
  const [answer = "", file = ""] = text.split("/");
  return [{ answer, file }, new URLSearchParams(query).get(SIGNATURE_KEY) ?? ""];
}

test("a signed address gives back what was signed", () => {
  const verified = verifyFile(secret, ...split(signed), now);
  expect(verified).toEqual({ kind: "valid", claims: { ...claims, path } });
});

test("no client has anything to encode in it", () => {
  expect(signed).toMatch(/^[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+\.parquet\?X-Amz-Signature=[0-9a-f]{64}$/);
});

test("it ends at its expiry", () => {
  expect(verifyFile(secret, ...split(signed), new Date(claims.expires - 1)).kind).toBe("valid");
  expect(verifyFile(secret, ...split(signed), new Date(claims.expires)).kind).toBe("expired");
});

test("changing any character makes it a forgery", () => {
  fc.assert(
    fc.property(fc.nat(signed.length - 1), fc.constantFrom(..."Aa0_-./%"), (at, character) => {
      // The name of the query's key has no say.
      const name = signed.indexOf(SIGNATURE_KEY);
      if (signed[at] === character || (at >= name - 1 && at <= name + SIGNATURE_KEY.length)) return;
      const changed = signed.slice(0, at) + character + signed.slice(at + 1);
      expect(verifyFile(secret, ...split(changed), now).kind).toBe("forged");
    }),
  );
});

test("parts of two addresses are none", () => {
  const other = new FileSigner(secret, { ...claims, table: "internal.edges" }).sign(path);
  const [{ answer, file }, signature] = split(signed);
  const [others, othersSignature] = split(other);
  const forged = (parts: { answer: string; file: string }, by: string): void =>
    expect(verifyFile(secret, parts, by, now).kind).toBe("forged");
  forged({ answer: others.answer, file }, signature);
  forged({ answer, file }, othersSignature);
  // What stands on the other side of the slash stays there.
  forged({ answer: `${answer}${file[0]}`, file: file.slice(1) }, signature);
  forged({ answer: answer.slice(0, -1), file: `${answer.at(-1)}${file}` }, signature);
});

test("claims without, or with another server's, signature are a forgery", () => {
  const [file, signature] = split(signed);
  expect(verifyFile(randomBytes(32), file, signature, now).kind).toBe("forged");
  expect(verifyFile(secret, file, undefined, now).kind).toBe("forged");
  expect(verifyFile(secret, file, "", now).kind).toBe("forged");
  expect(verifyFile(secret, file, signature.toUpperCase(), now).kind).toBe("forged");
});
