import type { Context, Hono } from "hono";
import type { GrantedShare } from "../../access/index.ts";
import { type Snapshot, type Table, keyIn } from "../../table/index.ts";
import type { Authenticated } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { refuse } from "../error.ts";
import { shareNamed, tableOf } from "../shared-table.ts";
import { CAPABILITIES_HEADER, type ResponseFormat, chooseFormat, parseCapabilities } from "./capabilities.ts";
import { fileLine, headLines, limited } from "./lines.ts";
import { ndjson } from "./ndjson.ts";
import { parseQuery } from "./query.ts";
import { signFile } from "./signed-url.ts";
import { type TimeTravel, firstVersionSince, parseTimestamp, snapshotAt } from "./version.ts";

/** How long a file URL is good for: long enough to read what was just queried, short enough for a revocation. */
const URL_TTL_MS = 15 * 60 * 1000;

const TABLE = "/shares/:share/schemas/:schema/tables/:table";

type C = Context<Authenticated>;

/** One table's version, metadata and files. */
export function reading(app: Hono<Authenticated>, context: BridgeContext, secret: Uint8Array): void {
  const sharedTable = async (c: C): Promise<{ share: GrantedShare; name: string; table: Table }> => {
    const share = await shareNamed(context, c.var.principal, c.req.param("share") ?? "");
    const wanted = { namespace: c.req.param("schema") ?? "", name: c.req.param("table") ?? "" };
    return { share, ...(await tableOf(context, share, wanted)) };
  };

  app.get(`${TABLE}/version`, async (c) => {
    const { table } = await sharedTable(c);
    const since = c.req.query("startingTimestamp");
    const version =
      since === undefined
        ? (await table.snapshot()).version
        : await firstVersionSince(table, parseTimestamp(since));
    return c.body(null, 200, { "Delta-Table-Version": String(version) });
  });

  app.get(`${TABLE}/metadata`, async (c) => {
    const { table } = await sharedTable(c);
    const at = timeTravelOf(c);
    const snapshot = await snapshotAt(table, at);
    const format = formatOf(c, snapshot);
    return answer(snapshot, format, headLines(snapshot, format, isTimeTravel(at)));
  });

  app.post(`${TABLE}/query`, async (c) => {
    const { share, name, table } = await sharedTable(c);
    const { at, limit } = parseQuery(await c.req.text());
    const snapshot = await snapshotAt(table, at);
    const format = formatOf(c, snapshot);
    const expires = context.clock.now().getTime() + URL_TTL_MS;
    const claims = { token: c.var.principal.tokenId, share: share.name, table: name, expires };
    const base = `${ownAddress(c, context)}/files/`;

    function* lines(): Generator<unknown> {
      yield* headLines(snapshot, format, isTimeTravel(at));
      for (const file of limited(snapshot.files, limit)) {
        const url = base + signFile(secret, { ...claims, key: keyIn(snapshot.folder, file.path) });
        yield fileLine(file, snapshot, format, { url, expires }, isTimeTravel(at));
      }
    }
    return answer(snapshot, format, lines());
  });
}

function formatOf(c: C, snapshot: Snapshot): ResponseFormat {
  return chooseFormat(parseCapabilities(c.req.header(CAPABILITIES_HEADER)), snapshot.protocol);
}

function answer(snapshot: Snapshot, format: ResponseFormat, lines: Iterable<unknown>): Response {
  return new Response(ndjson(lines), {
    headers: {
      "Content-Type": "application/x-ndjson; charset=utf-8",
      "Delta-Table-Version": String(snapshot.version),
      [CAPABILITIES_HEADER]: `responseformat=${format}`,
    },
  });
}

/** Where this app is mounted, as the client can reach it: the request's own address, or the one that the owner gives for the outside. */
function ownAddress(c: C, context: BridgeContext): string {
  const url = new URL(c.req.url);
  return (context.publicUrl ?? url.origin) + url.pathname.slice(0, url.pathname.indexOf("/shares/"));
}

function timeTravelOf(c: C): TimeTravel {
  const version = c.req.query("version");
  const timestamp = c.req.query("timestamp");
  if (version !== undefined && !/^\d{1,15}$/.test(version)) {
    throw refuse("bad_parameter", "The version must be a whole number, 0 or more.");
  }
  return {
    version: version === undefined ? undefined : Number(version),
    timestampMs: timestamp === undefined ? undefined : parseTimestamp(timestamp),
  };
}

function isTimeTravel(at: TimeTravel): boolean {
  return at.version !== undefined || at.timestampMs !== undefined;
}
