import { OneCopyError } from "../base/index.ts";
import type { Population } from "../segment/index.ts";
import { type Snapshot, propertyIdentifying, scan } from "../table/index.ts";
import { z } from "zod";
import type { Workspace } from "./workspace.ts";

/** The table that segments select people from. */
export const POPULATION = "unified.customer_360";

/** The people as they are now. Fails with `run.nothing_yet` before the first run. */
export async function population(workspace: Pick<Workspace, "catalog" | "session">): Promise<Population> {
  const table = await workspace.catalog.find(POPULATION);
  if (table === undefined) {
    throw new OneCopyError("run.nothing_yet", `${POPULATION} has not been made yet.`, {
      remedy: "Run `onecopy run`.",
    });
  }
  return populationOf(workspace, await table.snapshot());
}

export async function populationOf(
  { session }: Pick<Workspace, "session">,
  snapshot: Snapshot,
): Promise<Population> {
  const relation = await scan(session, snapshot);
  return {
    relation,
    columns: await session.describe(`FROM ${relation}`),
    identifying: z.array(z.string()).parse(JSON.parse(snapshot.properties[propertyIdentifying] ?? "[]")),
  };
}
