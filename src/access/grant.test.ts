import { describe, expect, test } from "vitest";
import {
  type Principal,
  RecipientsConfig,
  SharesConfig,
  grantedShare,
  grantedShares,
  sharesAt,
} from "./index.ts";

const config = SharesConfig.parse({
  sales: { tables: ["unified.orders", "unified.customer_360"], recipients: ["alice", "bob"] },
  Analytics: { tables: ["unified.customer_360"], recipients: ["alice"] },
  nobody: { tables: ["raw.web"] },
});

const now = new Date("2026-11-22T12:00:00Z");
const shares = sharesAt({ shares: config, recipients: {} }, now);
const tokenId = "0";
const writes: string[] = [];
const expiresAt = new Date("2027-01-01");
const anywhere = true;
const recipient = (name: string): Principal => ({
  name,
  kind: "recipient",
  expiresAt,
  tokenId,
  anywhere,
  writes,
});

describe("grants", () => {
  test("a recipient reads the shares that name it, and nothing else", () => {
    expect(grantedShares(shares, recipient("bob"))).toEqual([
      { name: "sales", tables: ["unified.customer_360", "unified.orders"], history: true, strict: false },
    ]);
    expect(grantedShares(shares, recipient("alice")).map((share) => share.name)).toEqual([
      "Analytics",
      "sales",
    ]);
    expect(grantedShares(shares, recipient("mallory"))).toEqual([]);
    expect(grantedShares(shares, recipient("Alice"))).toEqual([]);
    expect(grantedShares({}, recipient("alice"))).toEqual([]);
  });

  test("an admin reads every share", () => {
    const admin: Principal = { name: "owner", kind: "admin", expiresAt, tokenId, anywhere, writes };
    expect(grantedShares(shares, admin)).toHaveLength(3);
  });

  test("a share's name may differ in case; one that is not granted is as if it were not there", () => {
    expect(grantedShare(shares, recipient("alice"), "ANALYTICS")?.name).toBe("Analytics");
    expect(grantedShare(shares, recipient("bob"), "analytics")).toBeUndefined();
    expect(grantedShare(shares, recipient("bob"), "no_such")).toBeUndefined();
    expect(grantedShare(shares, recipient("bob"), "__proto__")).toBeUndefined();
    expect(grantedShare(shares, recipient("bob"), "constructor")).toBeUndefined();
  });
});

describe("a share at a moment", () => {
  const at = (recipients: unknown[], day: string, roles: Record<string, unknown> = {}) =>
    sharesAt(
      {
        shares: SharesConfig.parse({ s: { tables: ["a.b"], recipients } }),
        recipients: RecipientsConfig.parse(roles),
      },
      new Date(day),
    )["s"]?.recipients;

  test("has no grant whose last day is over", () => {
    const recipients = ["alice", { name: "bob", until: "2026-12-31" }];
    expect(at(recipients, "2026-12-31T23:59:59.999Z")).toEqual(["alice", "bob"]);
    expect(at(recipients, "2027-01-01T00:00:00Z")).toEqual(["alice"]);
  });

  test("is for everybody of a role that it names", () => {
    const roles = { bob: { roles: ["analysts"] }, carol: { roles: ["others"] }, alice: {} };
    expect(at(["analysts", "alice"], "2026-12-31", roles)).toEqual(["alice", "analysts", "bob"]);
    expect(at([{ name: "analysts", until: "2026-12-30" }], "2026-12-31", roles)).toEqual([]);
  });
});

describe("the configuration of shares", () => {
  test.each([
    ["a share's name with a slash", { "a/b": { tables: ["a.b"] } }],
    ["two shares that differ in case alone", { a: { tables: ["a.b"] }, A: { tables: ["a.b"] } }],
    ["no table", { a: { tables: [] } }],
    ["a table without namespace", { a: { tables: ["customer_360"] } }],
    ["a table twice", { a: { tables: ["a.b", "a.b"] } }],
    ["a table in upper case", { a: { tables: ["a.B"] } }],
    ["what is no table", { a: { tables: ["_onecopy.tokens"] } }],
    ["a path for a table", { a: { tables: ["../a.b"] } }],
    ["a key that is not known", { a: { tables: ["a.b"], filter: "x" } }],
    ["a last day that is none", { a: { tables: ["a.b"], recipients: [{ name: "x", until: "2026-02-30" }] } }],
    ["a recipient that no token can have", { a: { tables: ["a.b"], recipients: ["x y"] } }],
  ])("refuses %s", (_what, config) => {
    expect(SharesConfig.safeParse(config).success).toBe(false);
  });
});
