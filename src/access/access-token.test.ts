import { expect, test } from "vitest";
import { type Clock, fixedClock } from "../base/index.ts";
import { openStore, type Store } from "../storage/index.ts";
import { Gate, issueToken, revokeToken, revokeTokens, verifyToken } from "./index.ts";

const now = new Date("2026-11-22T12:00:30Z");
const clock = fixedClock(now);
const at = (minutes: number) => fixedClock(new Date(now.getTime() + minutes * 60_000));

async function client({ lifeMinutes = 1000, oauth_minutes = 60 } = {}) {
  const state = openStore("memory://");
  const recipients = async () => ({ alice: { ...alice, oauth_minutes } });
  const expiresAt = new Date(now.getTime() + lifeMinutes * 60_000);
  const secret = await issueToken(state, { principal: "alice", kind: "recipient", expiresAt }, clock);
  const gateAt = (when: Clock) => new Gate({ state, clock: when, recipients });
  const ask = async (when = clock) => {
    const admission = await gateAt(when).admitSecret(secret, "");
    if (admission.kind !== "admitted") throw new Error(admission.kind);
    return await gateAt(when).accessToken(secret, admission.principal);
  };
  return { state, secret, gateAt, ask };
}

const alice = { roles: [], token_days: 90, requests_per_minute: 1000, writes: [] };

async function keysOf(state: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of state.list("access-tokens/")) keys.push(key);
  return keys;
}

test("an access token says whose it is, an hour at the most, and gives no other one", async () => {
  const { state, secret, gateAt, ask } = await client();
  const { token, expiresAt } = await ask();
  expect(expiresAt).toEqual(new Date("2026-11-22T13:00:00Z"));
  expect(await verifyToken(state, token, clock)).toEqual(await verifyToken(state, secret, clock));
  expect(await verifyToken(state, token, at(59.49))).toBeDefined();
  expect(await verifyToken(state, token, at(59.5))).toBeUndefined();
  expect(await gateAt(clock).admitSecret(token, "")).toEqual({ kind: "unauthenticated" });
  expect((await gateAt(clock).admit(token, "")).kind).toBe("admitted");
});

test("it lives as short as is configured, and never longer than its secret", async () => {
  const short = await client({ oauth_minutes: 5 });
  expect((await short.ask()).expiresAt).toEqual(new Date("2026-11-22T12:05:00Z"));
  const ending = await client({ lifeMinutes: 2 });
  const { token, expiresAt } = await ending.ask();
  expect(expiresAt).toEqual(new Date("2026-11-22T12:02:30Z"));
  expect(await verifyToken(ending.state, token, at(1.99))).toBeDefined();
  expect(await verifyToken(ending.state, token, at(2))).toBeUndefined();
});

test.each([
  ["all of a recipient's", (state: Store) => revokeTokens(state, "alice")],
  ["this one", (state: Store, secret: string) => revokeToken(state, secret)],
])("it ends with its secret, and leaves nothing: %s", async (_what, revoke) => {
  const { state, secret, ask } = await client();
  const { token } = await ask();
  await revoke(state, secret);
  expect(await verifyToken(state, token, clock)).toBeUndefined();
  expect(await keysOf(state)).toEqual([]);
});

test("a client that asks all the time gets one a minute, and those that ended are taken away", async () => {
  const { state, ask } = await client();
  const same = await Promise.all(Array.from({ length: 20 }, () => ask()));
  expect(new Set(same.map(({ token }) => token)).size).toBe(1);
  await ask(at(1));
  expect(await keysOf(state)).toHaveLength(2);
  const last = await ask(at(120));
  expect(await keysOf(state)).toHaveLength(1);
  expect(await verifyToken(state, last.token, at(120))).toBeDefined();
});

test("nobody makes one from what the state holds, or a longer one from one that is out", async () => {
  const { state, ask } = await client();
  const { token } = await ask();
  const [, , id, until, proof] = token.split("_") as string[];
  const later = String(Number(until) + 6000);
  const [key] = await keysOf(state);
  const hash = /-([0-9a-f]{64})/.exec(key!)![1]!;
  for (const forged of [
    `onecopy_access_${id}_${later}_${proof}`,
    `onecopy_access_${"0".repeat(64)}_${until}_${proof}`,
    `onecopy_access_${id}_${until}_${hash.slice(0, 43)}`,
    `onecopy_access_../../../../_${until}_${proof}`,
    token.slice(0, -1),
  ])
    expect([forged, await verifyToken(state, forged, clock)]).toEqual([forged, undefined]);
});
