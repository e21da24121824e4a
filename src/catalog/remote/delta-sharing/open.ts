import { OneCopyError, sha256 } from "../../../base/index.ts";
import type { Filter } from "../../../engine/index.ts";
import {
  type DataFile,
  type Snapshot,
  fileList,
  listedSnapshot,
  parseListedHead,
  schemaOfListed,
} from "../../../table/index.ts";
import { badAnswer } from "../http.ts";
import type { RemoteVersion } from "../remote-version.ts";
import { readSecret } from "../secret.ts";
import { type SharedAnswer, type SharedQuery, SharingClient } from "./client.ts";
import { SharedFiles } from "./files.ts";
import { filterHint } from "./filter-hint.ts";
import { type Head, type Link, readAnswer } from "./lines.ts";
import { parseProfile } from "./profile.ts";
import { type SharedTableName, parseSharedName, sharedNameText } from "./table-name.ts";

/** A table of a share, and where the profile is that reads it. */
export interface DeltaSharingPlace {
  /** `file:PATH` or `env:NAME`. */
  readonly profile: string;
  /** `share.schema.table`. */
  readonly table: string;
}

/**
 * The tables that a place with `*` for a table (`share.schema.*`), or for schema and table (`share.*`), stands for now, as
 * places of their own. Fails as {@link openSharedTable} does.
 */
export async function sharedTables(
  place: DeltaSharingPlace,
  baseFolder: string,
): Promise<readonly { readonly name: string; readonly table: string }[]> {
  const text = await readSecret(place.profile, baseFolder);
  const client = clientOf(text, parseProfile(text, place.profile));
  const parts = place.table.split(".").slice(0, -1);
  // Only a share may have dots in its name, so `a.b.*` may be a schema of a, or the share `a.b`: who has tables is meant.
  const inSchema = parts.length < 2 ? [] : await client.tables(parts.slice(0, -1).join(".")).catch(notThere);
  const schema = parts.at(-1)!.toLowerCase();
  const found = inSchema.filter((one) => one.schema.toLowerCase() === schema);
  if (found.length > 0) return found.map((one) => ({ name: one.table, table: sharedNameText(one) }));
  const all = await client.tables(parts.join("."));
  return all.map((one) => ({ name: `${one.schema}_${one.table}`, table: sharedNameText(one) }));
}

function notThere(error: unknown): readonly SharedTableName[] {
  if (isRefusal(error)) return [];
  throw error;
}

interface SharedTable {
  readonly client: SharingClient;
  readonly name: SharedTableName;
  readonly url: string;
  /** Of this profile: what one recipient sees is not what another one sees. */
  readonly cacheKey: string;
}

/** The last version of each table that this process listed, so that it is not listed again while it stays the newest. */
const listed = new Map<string, { readonly version: number; readonly snapshot: Promise<Snapshot> }>();

/** The newest version: one small request. Fails as {@link openSharedTable} does. */
export async function sharedVersion(place: DeltaSharingPlace, baseFolder: string): Promise<RemoteVersion> {
  const { version, head } = await headOf(await sharedTable(place, baseFolder));
  return { version, tableId: parseListedHead(head).metaData.id };
}

/**
 * The newest version of a table of somebody else's share. Its files are read from where the share has them, and are not
 * listed anew while the version stays. Those that hold no row of `needed` may be missing, where that spares listing them.
 * Fails with `remote.*` (see `askRemote`, `readSecret`, `parseProfile`), and as `listedSnapshot` does.
 */
export async function openSharedTable(
  place: DeltaSharingPlace,
  baseFolder: string,
  needed?: Filter,
): Promise<Snapshot> {
  const table = await sharedTable(place, baseFolder);
  const { version, head } = await headOf(table);
  const known = listed.get(table.cacheKey);
  if (known?.version === version) return await known.snapshot;
  const hint = needed && filterHint(needed, schemaOfListed(table.url, head));
  if (hint !== undefined) return await list(table, { jsonPredicateHints: hint });
  const snapshot = list(table, {});
  const entry = { version, snapshot };
  listed.set(table.cacheKey, entry);
  snapshot.catch(() => {
    if (listed.get(table.cacheKey) === entry) listed.delete(table.cacheKey);
  });
  return await snapshot;
}

async function sharedTable(place: DeltaSharingPlace, baseFolder: string): Promise<SharedTable> {
  const text = await readSecret(place.profile, baseFolder);
  const profile = parseProfile(text, place.profile);
  const name = parseSharedName(place.table);
  const url = `delta-sharing://${profile.endpoint.host}/${sharedNameText(name)}/`;
  return { client: clientOf(text, profile), name, url, cacheKey: sha256(`${text}\n${sharedNameText(name)}`) };
}

/** One for each profile, so that a token is not asked for at every request. */
const clients = new Map<string, SharingClient>();

function clientOf(text: string, profile: ConstructorParameters<typeof SharingClient>[0]): SharingClient {
  const key = sha256(text);
  const known = clients.get(key) ?? new SharingClient(profile);
  clients.set(key, known);
  return known;
}

async function headOf({ client, name, url }: SharedTable): Promise<{ version: number; head: Head }> {
  const answer = await client.metadata(name);
  const head = await readAnswer(answer, url);
  if (answer.version === undefined) throw badAnswer(url, "it says no Delta-Table-Version");
  return { version: answer.version, head };
}

/**
 * The rows that came, went or changed after a version, as the share's change feed tells them: a snapshot of the files that
 * hold them. It may hold more: rows that were only written anew. `undefined`: the share tells no changes, or none that old.
 */
export async function sharedChanges(
  place: DeltaSharingPlace,
  baseFolder: string,
  after: number,
): Promise<Snapshot | undefined> {
  const table = await sharedTable(place, baseFolder);
  const ask: Ask = () => table.client.changes(table.name, after + 1);
  try {
    // Files that went may have rows that were deleted long before: they are looked at, too.
    return await listing(
      table,
      ask,
      ({ deletionVector: _, ...file }) => file,
      () => async () => (await linksOf(table, ask)).links,
    );
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

async function list(table: SharedTable, wanted: Pick<SharedQuery, "jsonPredicateHints">): Promise<Snapshot> {
  const { client, name } = table;
  return await listing(
    table,
    () => client.query(name, wanted),
    (file) => file,
    (version, refreshToken) => relisting(table, version, refreshToken, wanted),
  );
}

type Ask = () => Promise<SharedAnswer & { refreshToken?(): string | undefined }>;
type Relist = () => Promise<ReadonlyMap<string, Link>>;

async function listing(
  table: SharedTable,
  ask: Ask,
  taken: (file: DataFile) => DataFile,
  relist: (version: number, refreshToken: string | undefined) => Relist,
): Promise<Snapshot> {
  const { client, url } = table;
  const files = fileList();
  const { version, head, links, refreshToken } = await linksOf(table, ask, (file) => files.add(taken(file)));
  if (version === undefined) throw badAnswer(url, "it says no Delta-Table-Version");
  const options = { url, server: client.profile.endpoint, relist: relist(version, refreshToken) };
  return listedSnapshot({ store: new SharedFiles(options, links), version, ...head, files: files.set() });
}

interface Linked {
  readonly version: number | undefined;
  readonly head: Head;
  readonly links: ReadonlyMap<string, Link>;
  readonly refreshToken: string | undefined;
}

async function linksOf(
  { url }: SharedTable,
  ask: Ask,
  onFile: (file: DataFile) => void = () => undefined,
): Promise<Linked> {
  const links = new Map<string, Link>();
  const answer = await ask();
  const head = await readAnswer(answer, url, (found) => {
    onFile(found.file);
    for (const [key, link] of found.links) links.set(key, link);
  });
  return { version: answer.version, head, links, refreshToken: answer.refreshToken?.() };
}

/**
 * The same version again: by the server's own token for that, else by its number, which only a share with history allows,
 * else as the newest one, which may be another one by now.
 */
function relisting(
  table: SharedTable,
  version: number,
  refreshToken: string | undefined,
  wanted: Pick<SharedQuery, "jsonPredicateHints">,
): Relist {
  let token = refreshToken;
  return async () => {
    const ways = [...(token === undefined ? [] : [{ refreshToken: token }]), { version }];
    for (const query of ways) {
      try {
        const again = await linksOf(table, () => table.client.query(table.name, { ...wanted, ...query }));
        token = again.refreshToken ?? token;
        return again.links;
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
    }
    return (await linksOf(table, () => table.client.query(table.name, wanted))).links;
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof OneCopyError && /^remote\.(refused|forbidden|not_found)$/.test(error.code);
}
