import { expect, test, vi } from "vitest";
import { openStore } from "../storage/index.ts";
import { Gate, RecipientsConfig, issueToken, revokeTokens } from "./index.ts";

let nowMs = Date.parse("2026-11-22T12:00:00Z");
const clock = { now: () => new Date(nowMs) };
const HOME = "192.0.2.1";

async function gateWith(recipients: unknown = {}) {
  const state = openStore("memory://");
  const config = RecipientsConfig.parse(recipients);
  const gate = new Gate({ state, clock, recipients: () => Promise.resolve(config) });
  const token = (principal: string, kind: "recipient" | "admin" = "recipient") =>
    issueToken(state, { principal, kind, expiresAt: new Date(nowMs + 3_600_000) }, clock);
  return { state, gate, token };
}

test("10,000 wrong tokens at the same time are looked up 60 times, and keep no good one out", async () => {
  const { state, gate, token } = await gateWith();
  const [known, fresh] = [await token("alice"), await token("bob")];
  await gate.admit(known, HOME);
  const lookUp = vi.spyOn(state, "head");
  const guesses = await Promise.all(
    Array.from({ length: 10_000 }, (_, i) => gate.admit(`onecopy_${String(i).padStart(43, "A")}`, HOME)),
  );
  expect(lookUp).toHaveBeenCalledTimes(60);
  expect(guesses.filter(({ kind }) => kind === "too_many")).toHaveLength(9940);
  expect(await gate.admit(known, HOME)).toMatchObject({ kind: "admitted", principal: { name: "alice" } });
  expect(await gate.admit(fresh, HOME)).toMatchObject({ kind: "too_many", retryAfterSeconds: 1 });
  expect(await gate.admit(fresh, "192.0.2.2")).toMatchObject({ kind: "admitted" });
  nowMs += 1000;
  expect(await gate.admit(await token("carol"), HOME)).toMatchObject({ kind: "admitted" });
});

test("good tokens that are new do not count as guesses", async () => {
  const { gate, token } = await gateWith();
  const tokens = await Promise.all(Array.from({ length: 200 }, () => token("alice")));
  for (const one of tokens) expect((await gate.admit(one, HOME)).kind).toBe("admitted");
});

test("a token that is revoked is out at once, also where it was known", async () => {
  const { state, gate, token } = await gateWith();
  const alice = await token("alice");
  const first = await gate.admit(alice, HOME);
  await revokeTokens(state, "alice");
  expect(await gate.admit(alice, HOME)).toEqual({ kind: "unauthenticated" });
  const { tokenId } = first.kind === "admitted" ? first.principal : { tokenId: "" };
  expect(await gate.readmit(tokenId, HOME)).toEqual({ kind: "unauthenticated" });
});

test("addresses, limits and what may be written are the recipient's own; an admin has none", async () => {
  const { gate, token } = await gateWith({
    alice: { addresses: ["10.0.0.0/8"], writes: ["lab"] },
    bob: { requests_per_minute: 2 },
  });
  const [alice, bob, admin] = [await token("alice"), await token("bob"), await token("alice", "admin")];
  expect(await gate.admit(alice, "10.255.0.1")).toMatchObject({ principal: { writes: ["lab"] } });
  for (const address of ["11.0.0.1", "", "10.0.0.1.evil.example", "::1"])
    expect((await gate.admit(alice, address)).kind).toBe("wrong_address");
  expect((await gate.admit(admin, "11.0.0.1")).kind).toBe("admitted");
  const ask = async () => (await gate.admit(bob, HOME)).kind;
  expect([await ask(), await ask(), await ask()]).toEqual(["admitted", "admitted", "too_many"]);
  nowMs += 30_000;
  expect([await ask(), await ask()]).toEqual(["admitted", "too_many"]);
});

test.each(["10.0.0.0/33", "10.0.0/8", "::1/129", "example.com", "10.0.0.1/", "10.0.0.1/8/8", ""])(
  "%s is no block of addresses",
  (block) => {
    expect(RecipientsConfig.safeParse({ alice: { addresses: [block] } }).success).toBe(false);
  },
);
