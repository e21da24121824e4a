import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServedProject, servedProject } from "./served-project.ts";
import { linesOf } from "./sharing-lines.ts";

const CUSTOMERS = "unified.customer_360";

let served: ServedProject;
let alice = "";
let both = "";
let owner = "";

beforeAll(async () => {
  served = await servedProject();
  await served.share({
    newest: { tables: [CUSTOMERS], recipients: ["alice", "both"], history: false },
    whole: { tables: [CUSTOMERS], recipients: ["both"] },
  });
  alice = await served.token("alice");
  both = await served.token("both");
  owner = await served.token("owner", "admin");
});
afterAll(() => served.close());

describe("a share without history", () => {
  const ask = (rest: string, body?: object, share = "newest", token = alice): Promise<Response> =>
    served.get(`/delta-sharing/shares/${share}/schemas/unified/tables/customer_360/${rest}`, token, {
      headers: { "delta-sharing-capabilities": "responseformat=delta;includeendstreamaction=true" },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });

  test("gives the newest version, again by a refresh token", async () => {
    expect((await ask("version")).headers.get("delta-table-version")).toBe("3");
    expect((await ask("metadata")).status).toBe(200);
    const lines = await linesOf(await ask("query", { includeRefreshToken: true }));
    const { endStreamAction } = lines.at(-1) as unknown as { endStreamAction: { refreshToken: string } };
    const again = await ask("query", { refreshToken: endStreamAction.refreshToken });
    expect(await linesOf(again)).toHaveLength(lines.length);
  });

  test.each([
    ["version?startingTimestamp=2020-01-01T00:00:00Z", undefined],
    ["metadata?version=3", undefined],
    ["metadata?timestamp=2100-01-01T00:00:00Z", undefined],
    ["query", { version: 3 }],
    ["query", { timestamp: "2100-01-01T00:00:00Z" }],
    ["query", { startingVersion: 0 }],
    ["query", { startingTimestamp: "2020-01-01T00:00:00Z" }],
    ["changes?startingVersion=0", undefined],
  ])("refuses %s %j, which a share with history answers", async (rest, body) => {
    const refused = await ask(rest, body);
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { errorCode: "UNSUPPORTED_OPERATION", message: expect.stringContaining("newest version") },
    ]);
    expect((await ask(rest, body, "newest", both)).status).toBe(400);
    expect((await ask(rest, body, "whole", both)).status).toBe(200);
  });
});

describe("its catalog", () => {
  interface Metadata {
    readonly "current-snapshot-id": number;
    readonly "current-schema-id": number;
    readonly snapshots: readonly { readonly "snapshot-id": number }[];
    readonly schemas: readonly { readonly "schema-id": number }[];
    readonly [log: string]: unknown;
  }
  const load = async (
    token: string,
    warehouse = "",
  ): Promise<{ metadata: Metadata; etag: string | null }> => {
    const path = `/iceberg/v1/${warehouse}namespaces/unified/tables/customer_360?snapshots=all`;
    const answer = await served.get(path, token);
    expect(answer.status).toBe(200);
    const { metadata } = (await answer.json()) as { metadata: Metadata };
    return { metadata, etag: answer.headers.get("etag") };
  };

  test("tells of the newest snapshot and schema alone", async () => {
    for (const warehouse of ["", "newest/"]) {
      const { metadata } = await load(alice, warehouse);
      expect(metadata.snapshots.map((one) => one["snapshot-id"])).toEqual([metadata["current-snapshot-id"]]);
      expect(metadata.schemas.length).toBeLessThanOrEqual(2);
      expect(metadata.schemas.map((one) => one["schema-id"])).toContain(metadata["current-schema-id"]);
      expect([metadata["snapshot-log"], metadata["metadata-log"]]).toEqual([[], []]);
      expect(Object.keys(metadata["refs"] as object)).toEqual(["main"]);
    }
  });

  test("is whole for who has the table by another share, too, and for who may write it", async () => {
    const { metadata, etag } = await load(both);
    expect(metadata.snapshots.length).toBeGreaterThan(1);
    expect((await load(owner)).metadata).toEqual(metadata);
    expect((await load(both, "whole/")).metadata).toEqual(metadata);
    const newest = await load(both, "newest/");
    expect(newest.metadata.snapshots).toHaveLength(1);
    expect(newest.etag).not.toBe(etag);
  });
});
