import { expect } from "vitest";
import { currentRevision } from "../../src/project/index.ts";
import type { ServedProject } from "./served-project.ts";

export const TABLE = "/delta-sharing/shares/analytics/schemas/unified/tables/customer_360";
const CATALOG = "/iceberg/v1/namespaces/unified/tables";

/** The requests of a recipient, alice, and of an admin that are answered with data of the lake, and `more`. */
export async function dataEndpoints(
  served: ServedProject,
  more: readonly (readonly [path: string, token: string])[] = [],
) {
  const [alice, admin] = [await served.token("alice"), await served.token("owner", "admin")];
  const asked: (readonly [string, string, RequestInit?])[] = [
    [`${TABLE}/version`, alice],
    [`${TABLE}/metadata`, alice],
    [`${TABLE}/query`, alice, { method: "POST", body: "{}" }],
    [`${TABLE}/changes?startingVersion=0`, alice],
    ["/delta-sharing/shares/analytics/all-tables", alice],
    [CATALOG, alice],
    [`${CATALOG}/customer_360`, alice],
    [`${CATALOG}/customer_360`, admin],
    ...more,
  ];
  const status = async (one: (typeof asked)[number]): Promise<number> => (await served.get(...one)).status;
  // A connection whose last answer could not be logged to its end is closed: clients ask again on another one.
  const statuses = () => Promise.all(asked.map((one) => status(one).catch(() => status(one))));
  return {
    expectAnswers: async () => expect(await statuses()).toEqual(asked.map(() => 200)),
    /** Every one is 503, without the lake's address; a commit says that its outcome is unknown; the rules are there. */
    expectNone: async (address: string) => {
      expect(await statuses()).toEqual(asked.map(() => 503));
      const said = await served.get(`${CATALOG}/customer_360`, alice);
      expect(await said.text()).not.toContain(address);
      const commit = { requirements: [], updates: [{ action: "set-properties", updates: { a: "b" } }] };
      const init = { method: "POST", body: JSON.stringify(commit) };
      const written = await served.get(`${CATALOG}/customer_360`, admin, init);
      expect([written.status, await written.json()]).toMatchObject([
        500,
        { error: { type: "CommitStateUnknownException" } },
      ]);
      expect((await currentRevision(served.project)).config.shares).toHaveProperty("analytics");
    },
  };
}
