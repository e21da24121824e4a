import { describe, expect, test } from "vitest";
import { fixedClock } from "../base/index.ts";
import { openStore } from "../storage/index.ts";
import {
  type TokenRequest,
  issueToken,
  listTokens,
  principalOf,
  revokeToken,
  revokeTokens,
  shortenTokens,
  verifyToken,
} from "./index.ts";

const now = new Date("2026-11-22T12:00:00Z");
const later = new Date("2026-12-22T12:00:00Z");
const clock = fixedClock(now);
const alice: TokenRequest = { principal: "alice", kind: "recipient", expiresAt: later };

function emptyState() {
  return openStore("memory://");
}

describe("tokens", () => {
  test("prove who somebody is", async () => {
    const state = emptyState();
    const token = await issueToken(state, alice, clock);
    const principal = await verifyToken(state, token, clock);
    expect(principal).toMatchObject({ name: "alice", kind: "recipient", expiresAt: later });
    expect(await principalOf(state, principal!.tokenId, clock)).toEqual(principal);
    expect(await verifyToken(state, principal!.tokenId, clock)).toBeUndefined();
    await revokeTokens(state, "alice");
    expect(await principalOf(state, principal!.tokenId, clock)).toBeUndefined();
  });

  test("are 256 bits, never the same", async () => {
    const state = emptyState();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => issueToken(state, alice, clock)));
    expect(new Set(tokens).size).toBe(50);
    for (const token of tokens) {
      expect(Buffer.from(token.replace(/^onecopy_/, ""), "base64url")).toHaveLength(32);
    }
  });

  test("can't be made from what the state holds", async () => {
    const state = emptyState();
    const token = await issueToken(state, alice, clock);
    for await (const { key } of state.list("")) {
      const found = await state.get(key);
      const stored = `${key} ${found.kind === "found" ? Buffer.from(found.body).toString() : ""}`;
      expect(stored).not.toContain(token.slice("onecopy_".length));
      const hash = /[0-9a-f]{64}/.exec(stored)?.[0] ?? "";
      expect(await verifyToken(state, hash, clock)).toBeUndefined();
      expect(await verifyToken(state, `onecopy_${hash}`, clock)).toBeUndefined();
    }
  });

  test.each([
    ["never issued", (token: string) => token.replace(/.$/, (last) => (last === "A" ? "B" : "A"))],
    ["cut off", (token: string) => token.slice(0, -1)],
    ["empty", () => ""],
    ["a path", () => "onecopy_../../../../../../../../../../../etc/passwd"],
    ["endless", (token: string) => token.repeat(100_000)],
  ])("prove nothing when %s", async (_why, change) => {
    const state = emptyState();
    const token = await issueToken(state, alice, clock);
    expect(await verifyToken(state, change(token), clock)).toBeUndefined();
  });

  test("end at their expiry, to the millisecond", async () => {
    const state = emptyState();
    const token = await issueToken(state, alice, clock);
    const at = (ms: number) => fixedClock(new Date(later.getTime() + ms));
    expect(await verifyToken(state, token, at(-1))).toBeDefined();
    expect(await verifyToken(state, token, at(0))).toBeUndefined();
  });

  test("are revoked by principal, and only theirs", async () => {
    const state = emptyState();
    const hers = [await issueToken(state, alice, clock), await issueToken(state, alice, clock)];
    const his = await issueToken(state, { ...alice, principal: "alice2" }, clock);
    expect(await revokeTokens(state, "alice")).toHaveLength(2);
    for (const token of hers) expect(await verifyToken(state, token, clock)).toBeUndefined();
    expect(await verifyToken(state, his, clock)).toBeDefined();
    expect(await revokeTokens(state, "alice")).toEqual([]);
  });

  test("are rotated: the others end after an overlap, and none that was revoked comes back", async () => {
    const state = emptyState();
    const old = await issueToken(state, alice, clock);
    const bobs = await issueToken(state, { ...alice, principal: "bob" }, clock);
    const admin = await issueToken(state, { ...alice, kind: "admin" }, clock);
    const keep = await issueToken(state, alice, clock);
    const endsAt = new Date("2026-11-25T12:00:00Z");
    expect(await shortenTokens(state, "alice", { endsAt, keep })).toBe(1);
    expect(await shortenTokens(state, "alice", { endsAt, keep })).toBe(0);
    const at = (ms: number) => fixedClock(new Date(endsAt.getTime() + ms));
    expect(await verifyToken(state, old, at(-1))).toBeDefined();
    expect(await verifyToken(state, old, at(0))).toBeUndefined();
    for (const token of [keep, bobs, admin]) expect(await verifyToken(state, token, at(0))).toBeDefined();
  });

  test("are revoked one by one", async () => {
    const state = emptyState();
    const [lost, kept] = [await issueToken(state, alice, clock), await issueToken(state, alice, clock)];
    await revokeToken(state, lost);
    expect(await verifyToken(state, lost, clock)).toBeUndefined();
    expect(await verifyToken(state, kept, clock)).toBeDefined();
  });

  test("are listed without what would let somebody in", async () => {
    const state = emptyState();
    const token = await issueToken(state, alice, clock);
    const list = await listTokens(state);
    expect(list).toMatchObject([{ principal: "alice", kind: "recipient", createdAt: now, expiresAt: later }]);
    expect(JSON.stringify(list)).not.toContain(token.slice(8));
    expect(list[0]?.id).toMatch(/^[0-9a-f]{12}$/);
  });

  test("a stored token that is broken lets nobody in, is named, and keeps no other from being revoked", async () => {
    const state = emptyState();
    const token = await issueToken(state, alice, clock);
    for await (const { key } of state.list("tokens/")) await state.put(key, '{"principal":"alice"}');
    const other = await issueToken(state, { ...alice, principal: "bob" }, clock);
    await expect(verifyToken(state, token, clock)).rejects.toMatchObject({ code: "access.token_unreadable" });
    await expect(listTokens(state)).rejects.toMatchObject({ code: "access.token_unreadable" });
    expect(await revokeTokens(state, "bob")).toHaveLength(1);
    expect(await verifyToken(state, other, clock)).toBeUndefined();
  });

  test.each([
    [{ principal: "" }, "access.bad_principal"],
    [{ principal: "a/b" }, "access.bad_principal"],
    [{ principal: "a\nb" }, "access.bad_principal"],
    [{ expiresAt: now }, "access.bad_expiry"],
    [{ expiresAt: new Date("tomorrow") }, "access.bad_expiry"],
  ])("%o is refused", async (change, code) => {
    const state = emptyState();
    await expect(issueToken(state, { ...alice, ...change }, clock)).rejects.toMatchObject({ code });
    expect(await listTokens(state)).toEqual([]);
  });
});
