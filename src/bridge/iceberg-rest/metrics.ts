import type { Hono } from "hono";
import { z } from "zod";
import type { Authenticated } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { bodyOf, noTable, parameters } from "./request.ts";
import { visibleTable } from "./warehouse.ts";

/** What scans and commits report, as far as any report has it (REST specification, `ReportMetricsRequest`). */
export const metricsReport = z.looseObject({
  "report-type": z.string().max(100),
  "table-name": z.string().max(1000),
  "snapshot-id": z.unknown().refine((id) => id !== undefined, "expected an id"),
});

/**
 * Takes reports without keeping them: a scan's filter holds the values that somebody looked for, which are customers', and
 * who read which table and version is in the log of accesses already.
 */
export function metricsRoute(app: Hono<Authenticated>, root: string, context: BridgeContext): void {
  app.post(`${root}/:namespace/tables/:table/metrics`, async (c) => {
    const { namespace, name } = parameters(c);
    if ((await visibleTable(context, c, { namespace, name })) === undefined) throw noTable(namespace, name);
    await bodyOf(c, metricsReport);
    return c.body(null, 204);
  });
}
