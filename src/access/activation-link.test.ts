import { expect, test } from "vitest";
import { fixedClock } from "../base/index.ts";
import { openStore, type Store } from "../storage/index.ts";
import { Gate, listTokens, makeActivationLink, openLinks, revoke, verifyToken } from "./index.ts";

const now = new Date("2026-11-22T12:00:00Z");
const clock = fixedClock(now);
const HOUR_MS = 3_600_000;
const after = (hours: number) => fixedClock(new Date(now.getTime() + hours * HOUR_MS));

async function linked(more: { tokenDays?: number } = {}) {
  const state = openStore("memory://");
  const expiresAt = new Date(now.getTime() + HOUR_MS);
  const secret = await makeActivationLink(
    state,
    { recipient: "alice", oauth: false, expiresAt, ...more },
    clock,
  );
  return { state, secret };
}

async function open(state: Store, secret: string, when = clock) {
  const gate = new Gate({ state, clock: when, recipients: async () => ({}) });
  const found = await gate.link(secret, "192.0.2.1");
  return found.kind === "link" ? await gate.open(found.link) : found;
}

test("a link gives a token once, whoever else opens it at the same moment", async () => {
  const { state, secret } = await linked();
  expect(await openLinks(state, now)).toMatchObject([{ recipient: "alice" }]);
  const openings = await Promise.all(Array.from({ length: 20 }, () => open(state, secret)));
  const [opened, ...others] = openings.toSorted((a, b) => a.kind.localeCompare(b.kind));
  expect(opened).toMatchObject({ kind: "opened", expiresAt: new Date("2027-02-20T12:00:00Z") });
  expect(others.map(({ kind }) => kind)).toEqual(others.map(() => "used"));
  const token = (opened as { token: string }).token;
  expect(await verifyToken(state, token, clock)).toMatchObject({ name: "alice", kind: "recipient" });
  expect(await listTokens(state)).toHaveLength(1);
  expect(await openLinks(state, now)).toEqual([]);
});

test("a token's life begins when its link is opened", async () => {
  const { state, secret } = await linked({ tokenDays: 7 });
  expect(await open(state, secret, after(0.5))).toMatchObject({
    expiresAt: new Date("2026-11-29T12:30:00Z"),
  });
});

test("a link that has expired, was revoked or was never made gives nothing", async () => {
  const { state, secret } = await linked();
  expect(await open(state, secret, after(1))).toEqual({ kind: "expired" });
  expect(await openLinks(state, after(1).now())).toEqual([]);
  for (const wrong of ["", secret.slice(0, -1), `${secret}A`, secret.replace(/.$/, "!"), "../tokens/x"])
    expect(await open(state, wrong)).toEqual({ kind: "unauthenticated" });
  expect(await revoke(state, "bob", now)).toEqual({ links: 0, tokens: [] });
  expect(await revoke(state, "alice", now)).toEqual({ links: 1, tokens: [] });
  expect(await open(state, secret)).toEqual({ kind: "unauthenticated" });
  expect(await listTokens(state)).toEqual([]);
});

test("the state holds nothing that opens a link, and a link's secret is no token", async () => {
  const { state, secret } = await linked();
  for await (const { key } of state.list("")) {
    const found = await state.get(key);
    const text = `${key} ${found.kind === "found" ? Buffer.from(found.body).toString() : ""}`;
    expect(text).not.toContain(secret.slice("onecopy_activation_".length));
  }
  expect(await verifyToken(state, secret, clock)).toBeUndefined();
});

test("a link whose token can't be made can be opened again", async () => {
  const { state, secret } = await linked();
  const put = state.put.bind(state);
  const broken: Store = Object.assign(Object.create(state) as Store, {
    put: async (...args: Parameters<Store["put"]>) => {
      if (args[0].startsWith("tokens/")) throw new Error("no space");
      return await put(...args);
    },
  });
  await expect(open(broken, secret)).rejects.toThrow("no space");
  expect(await open(state, secret)).toMatchObject({ kind: "opened" });
});

test("a revocation while a link is being opened leaves no token", async () => {
  const { state, secret } = await linked();
  const put = state.put.bind(state);
  const revoking: Store = Object.assign(Object.create(state) as Store, {
    put: async (...args: Parameters<Store["put"]>) => {
      if (args[0].startsWith("tokens/")) await revoke(state, "alice", now);
      return await put(...args);
    },
  });
  expect(await open(revoking, secret)).toEqual({ kind: "gone" });
  expect(await listTokens(state)).toEqual([]);
});
