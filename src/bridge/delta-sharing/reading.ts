import type { Hono } from "hono";
import { type SigningKey, mayReadFromStore } from "../../access/index.ts";
import { OneCopyError } from "../../base/index.ts";
import { type ChangedFiles, type Table, hasFilesOutside } from "../../table/index.ts";
import { sentRecorder } from "../audited.ts";
import type { Authenticated } from "../bearer.ts";
import type { BridgeContext } from "../context.ts";
import { refuse } from "../error.ts";
import { isStillGranted } from "../shared-table.ts";
import { type C, type Shared, TABLE, askedTable, requireHistory } from "./asked-table.ts";
import {
  CAPABILITIES_HEADER,
  FILE_ID_HASH_HEADER,
  chooseFormat,
  parseCapabilities,
  parseFileIdHash,
} from "./capabilities.ts";
import { type ChangeLines, changeLines, changesGone } from "./change-lines.ts";
import { type ChangesRequest, parseChanges, wholeNumber } from "./changes-request.ts";
import { directoryOf } from "./directory.ts";
import { FileLinks, ownAddresses, storeAddresses } from "./links.ts";
import { snapshotHead } from "./lines.ts";
import { pageOf } from "./page.ts";
import { pageAt, pageToken } from "./page-token.ts";
import { parseQuery } from "./query.ts";
import { refreshToken, refreshedVersion } from "./refresh-token.ts";
import type { AskedTable } from "./signed-claims.ts";
import { snapshotLines } from "./snapshot-lines.ts";
import { type Lines, streamed } from "./stream.ts";
import { whileAllowed } from "./watch.ts";
import { type TimeTravel, firstVersionSince, parseTimestamp, snapshotAt, versionRange } from "./version.ts";

/** One table's version, metadata, files and changes. */
export function reading(app: Hono<Authenticated>, context: BridgeContext, key: SigningKey): void {
  const shared = (c: C): Promise<Shared> => askedTable(context, c);
  const claimsOf = (c: C, { share, name }: Shared): AskedTable => ({
    token: c.var.principal.tokenId,
    share: share.name,
    table: name,
  });
  /** The log of accesses is told of addresses in the store before they leave: nobody can take them back. */
  const linksFor = async (c: C, found: Shared, version: number): Promise<FileLinks> => {
    const { share, name, table } = found;
    const { principal } = c.var;
    const nowMs = context.clock.now().getTime();
    const linked = {
      store: table.store,
      folder: table.folder,
      claims: claimsOf(c, found),
      tokenEnds: principal.expiresAt,
    };
    const inStore = mayReadFromStore(share, principal) ? storeAddresses(linked, nowMs) : undefined;
    const ends = inStore && { ends_at: new Date(inStore.expires).toISOString() };
    c.set("read", { share_name: share.name, table_name: name, version, ...ends });
    if (inStore !== undefined) return new FileLinks(linked, inStore);
    const address = `${ownAddress(c, context)}/files/`;
    return new FileLinks(linked, ownAddresses(linked, { address, secret: await key.current(), nowMs }));
  };
  /** While the grant holds; the log of accesses is told at the end how much went out. */
  const told = (c: C, found: Shared, links: FileLinks, lines: Lines): Lines => {
    const sent = sentRecorder(context, c, "delta-sharing", "granted");
    const claims = claimsOf(c, found);
    const allowed = whileAllowed(lines, () => isStillGranted(context, claims), found.name);
    return toldAtEnd(allowed, () => sent({ files: links.files, bytes: links.bytes }));
  };
  const { onError } = context;

  const version = async (c: C): Promise<Response> => {
    const found = await shared(c);
    const since = c.req.query("startingTimestamp");
    if (since !== undefined) requireHistory(found);
    const version =
      since === undefined
        ? (await found.table.head()).version
        : await firstVersionSince(found.table, parseTimestamp(since));
    return c.body(null, 200, { "Delta-Table-Version": String(version) });
  };
  app.get(`${TABLE}/version`, version);
  // How older clients ask for it, by HEAD.
  app.get(TABLE, version);

  app.get(`${TABLE}/metadata`, async (c) => {
    const found = await shared(c);
    const { share, name, table } = found;
    const at = timeTravelOf(c);
    if (isTimeTravel(at)) requireHistory(found);
    const snapshot = await snapshotAt(table, at);
    c.set("read", { share_name: share.name, table_name: name, version: snapshot.version });
    const format = chooseFormat(capabilitiesOf(c), snapshot);
    const { principal } = c.var;
    const access = directoryOf(found, snapshot, principal, context.clock);
    const lines = only(snapshotHead(snapshot, format, isTimeTravel(at), access));
    return streamed({ version: snapshot.version, format, endStreamAction: false, lines, onError });
  });

  app.post(`${TABLE}/query`, async (c) => {
    const found = await shared(c);
    const query = parseQuery(await c.req.text());
    if (query.kind === "changes" || isTimeTravel(query.at)) requireHistory(found);
    if (query.kind === "changes")
      return await changes(c, found, { ...query, historicalMetadata: true }, "files");
    const capabilities = capabilitiesOf(c);
    const nowMs = context.clock.now().getTime();
    const claims = claimsOf(c, found);
    const secret = await key.current();
    const paged = { table: claims, query };
    const from = query.page === undefined ? undefined : pageAt(secret, paged, query.page, nowMs);
    const at =
      query.refresh === undefined
        ? (from ?? query.at)
        : { version: refreshedVersion(secret, claims, query.refresh, nowMs) };
    const snapshot = await snapshotAt(found.table, at);
    if (hasFilesOutside(snapshot))
      throw refuse("unsupported", "This table has files outside of the lake, which cannot be shared.");
    const { endStreamAction } = capabilities;
    const token = query.withRefreshToken
      ? { refreshToken: refreshToken(secret, claims, snapshot.version, nowMs) }
      : undefined;
    const format = chooseFormat(capabilities, snapshot);
    const page = await pageOf(snapshot, query.hints, { from, maxFiles: query.maxFiles });
    const links = await linksFor(c, found, snapshot.version);
    const isInPages = query.maxFiles !== undefined || from !== undefined;
    const lines = snapshotLines(snapshot, {
      format,
      links,
      withVersion: isTimeTravel(query.at),
      page,
      nextPageToken: (next) => pageToken(secret, paged, snapshot.version, next, nowMs),
      end: token ?? (endStreamAction || isInPages ? {} : undefined),
    });
    return streamed({
      version: snapshot.version,
      format,
      endStreamAction,
      fileIdHash: fileIdHashOf(c),
      lines: told(c, found, links, lines),
      onError,
    });
  });

  app.get(`${TABLE}/changes`, async (c) => {
    const request = parseChanges((name) => c.req.query(name));
    const found = await shared(c);
    requireHistory(found);
    return await changes(c, found, request, "feed");
  });

  const changes = async (
    c: C,
    found: Shared,
    request: ChangesRequest,
    kind: ChangeLines["kind"],
  ): Promise<Response> => {
    const capabilities = capabilitiesOf(c);
    const range = await versionRange(found.table, request);
    const changed = await changedFiles(found.table, range);
    const [format] = [changed.to, changed.from].map(({ protocol, description }) =>
      chooseFormat(capabilities, { protocol, properties: description.properties }),
    );
    const { historicalMetadata, historicalProtocol } = request;
    const { endStreamAction } = capabilities;
    const links = await linksFor(c, found, range.to);
    const lines = changeLines(changed, {
      format: format!,
      links,
      kind,
      historicalMetadata,
      historicalProtocol,
      withEnd: endStreamAction,
    });
    return streamed({
      version: range.from,
      format: format!,
      endStreamAction,
      fileIdHash: fileIdHashOf(c),
      lines: told(c, found, links, lines),
      onError,
    });
  };

  app.post(`${TABLE}/queries/:query`, () => {
    throw refuse("unsupported", "Queries are answered at once here: there is none to ask for again.");
  });
}

async function changedFiles(
  table: Table,
  range: { readonly from: number; readonly to: number },
): Promise<ChangedFiles> {
  try {
    return await table.changedFiles(range);
  } catch (error) {
    const isKnown = error instanceof OneCopyError;
    if (isKnown && /^table\.(changes_gone|version_not_found)$/.test(error.code))
      throw refuse("bad_parameter", changesGone(range.from));
    throw error;
  }
}

function fileIdHashOf(c: C): string | undefined {
  return parseFileIdHash(c.req.header(FILE_ID_HASH_HEADER));
}

function capabilitiesOf(c: C): ReturnType<typeof parseCapabilities> {
  return parseCapabilities(c.req.header(CAPABILITIES_HEADER));
}

/** Also of an answer that broke off. What can't be told of is not ended well. */
async function* toldAtEnd(lines: Lines, tell: () => Promise<void>): Lines {
  try {
    yield* lines;
  } finally {
    await tell();
  }
}

async function* only(text: string): Lines {
  yield text;
}

/** Where this app is mounted, as the client can reach it: the request's own address, or the one that the owner gives for the outside. */
function ownAddress(c: C, context: BridgeContext): string {
  const url = new URL(c.req.url);
  return (context.publicUrl ?? url.origin) + url.pathname.slice(0, url.pathname.indexOf("/shares/"));
}

function timeTravelOf(c: C): TimeTravel {
  const timestamp = c.req.query("timestamp");
  return {
    version: wholeNumber("version", c.req.query("version")),
    timestampMs: timestamp === undefined ? undefined : parseTimestamp(timestamp),
  };
}

function isTimeTravel(at: TimeTravel): boolean {
  return at.version !== undefined || at.timestampMs !== undefined;
}
