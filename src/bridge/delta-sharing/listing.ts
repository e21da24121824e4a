import type { Context, Hono } from "hono";
import { grantedShares } from "../../access/index.ts";
import type { Authenticated } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { refuse } from "../error.ts";
import { pageOf } from "../paging.ts";
import { type TableName, existingTables, shareNamed } from "../shared-table.ts";

/** What a principal may see: shares, their schemas and tables. Only what exists and is granted is listed. */
export function listing(app: Hono<Authenticated>, context: BridgeContext): void {
  const shareOf = (c: Context<Authenticated>) =>
    shareNamed(context, c.var.principal, c.req.param("share") ?? "");

  app.get("/shares", async (c) => {
    const shares = grantedShares(await context.shares(), c.var.principal);
    return c.json(
      paged(
        c,
        shares,
        (share) => share.name,
        ({ name }) => ({ name }),
      ),
    );
  });
  app.get("/shares/:share", async (c) => {
    const { name } = await shareOf(c);
    return c.json({ share: { name } });
  });
  app.get("/shares/:share/schemas", async (c) => {
    const share = await shareOf(c);
    const tables = await existingTables(context, share.tables);
    const schemas = [...new Set(tables.map((table) => table.namespace))].sort();
    return c.json(
      paged(
        c,
        schemas,
        (name) => name,
        (name) => ({ name, share: share.name }),
      ),
    );
  });
  app.get("/shares/:share/schemas/:schema/tables", async (c) => {
    const share = await shareOf(c);
    const schema = c.req.param("schema").toLowerCase();
    const tables = await existingTables(context, share.tables);
    const inSchema = tables.filter((table) => table.namespace === schema);
    if (inSchema.length === 0) throw refuse("not_found", "There is no such schema in the share.");
    return c.json(paged(c, inSchema, fullName, tableItem(share.name)));
  });
  app.get("/shares/:share/all-tables", async (c) => {
    const share = await shareOf(c);
    const tables = await existingTables(context, share.tables);
    return c.json(paged(c, tables, fullName, tableItem(share.name)));
  });
}

function paged<Item, Shown>(
  c: Context,
  sorted: readonly Item[],
  nameOf: (item: Item) => string,
  show: (item: Item) => Shown,
): { items: Shown[]; nextPageToken?: string } {
  const page = pageOf(sorted, nameOf, c.req.query("maxResults"), c.req.query("pageToken"));
  const items = page.items.map(show);
  return page.nextPageToken === undefined ? { items } : { items, nextPageToken: page.nextPageToken };
}

function fullName(table: TableName): string {
  return `${table.namespace}.${table.name}`;
}

function tableItem(share: string): (table: TableName) => { name: string; schema: string; share: string } {
  return ({ namespace, name }) => ({ name, schema: namespace, share });
}
