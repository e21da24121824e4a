import { expect, test } from "vitest";
import { mightBeLentTo } from "./lent.ts";
import { RecipientsConfig } from "./recipients.ts";
import { SharesConfig } from "./shares.ts";

const config = {
  shares: SharesConfig.parse({
    open: {
      tables: ["a.b"],
      recipients: ["alice", "office", "partners", { name: "past", until: "2026-11-01" }],
    },
    guarded: { tables: ["a.b"], recipients: ["alice", "bob", "writer", "past"], strict: true },
  }),
  recipients: RecipientsConfig.parse({
    office: { addresses: ["10.0.0.0/8"] },
    agency: { roles: ["partners"] },
    writer: { writes: ["lab"] },
  }),
};

test.each([
  ["alice", true],
  ["agency", true],
  ["writer", true],
  ["mallory", false],
  ["bob", false],
  ["office", false],
  ["past", false],
])("what opens the store itself might be out to %s: %s", (name, is) => {
  expect(mightBeLentTo(config, name, new Date("2026-11-27T00:00:00Z"))).toBe(is);
});

test("a grant counts that has ended since", () => {
  expect(mightBeLentTo(config, "past", new Date("2026-11-01T23:50:00Z"))).toBe(true);
});
