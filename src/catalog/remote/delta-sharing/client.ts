import { z } from "zod";
import { OneCopyError, messageOf } from "../../../base/index.ts";
import { askRemote, badAnswer, bodyOf, textOfAnswer } from "../http.ts";
import type { SharingProfile } from "./profile.ts";
import type { SharedTableName } from "./table-name.ts";

/* A client of the Delta Sharing protocol (delta-io/delta-sharing, PROTOCOL.md). */

/** What the table can be read with here; a server that knows no such header answers in the format parquet. */
const capabilities = [
  "responseformat=delta,parquet",
  "readerfeatures=deletionvectors,columnmapping,timestampntz,typewidening,typewidening-preview,v2checkpoint,vacuumprotocolcheck",
  "includeendstreamaction=true",
].join(";");

const longestLineBytes = 16 * 2 ** 20;
/** Of one list; a server that gives page after page without an end is stopped. */
const mostPages = 10_000;

const Tables = z.object({
  items: z
    .array(z.object({ name: z.string(), schema: z.string(), share: z.string() }))
    .nullish()
    .transform((items) => items ?? []),
  nextPageToken: z.string().nullish(),
});

const EndStream = z.object({
  refreshToken: z.string().nullish(),
  nextPageToken: z.string().nullish(),
  errorMessage: z.string().nullish(),
});

/** One line of an answer: an object with one key that says what it is (PROTOCOL.md, "JSON Wrapper Object In Each Line"). */
export type Line = Readonly<Record<string, unknown>>;

/** What a query asks for; see PROTOCOL.md, "Read Data from a Table". */
export interface SharedQuery {
  readonly version?: number;
  readonly refreshToken?: string;
  /** See `filterHint`. */
  readonly jsonPredicateHints?: string;
}

export interface SharedAnswer {
  /** As its header says; undefined: it does not say. */
  readonly version: number | undefined;
  readonly lines: AsyncIterable<Line>;
}

/** Fails as `askRemote` does, and with `remote.bad_answer`. */
export class SharingClient {
  private readonly whom: string;

  constructor(readonly profile: SharingProfile) {
    this.whom = `the share server ${profile.endpoint.host}`;
  }

  /** All tables of a share that are granted. */
  async tables(share: string): Promise<SharedTableName[]> {
    const found: SharedTableName[] = [];
    let pageToken: string | undefined;
    for (let page = 0; page < mostPages; page++) {
      const query = pageToken === undefined ? "" : `?${new URLSearchParams({ pageToken }).toString()}`;
      const response = await this.ask(
        `shares/${encodeURIComponent(share)}/all-tables${query}`,
        `share ${share}`,
      );
      const text = await textOfAnswer(response, this.whom);
      const answer = this.parsed(() => Tables.parse(JSON.parse(text)));
      found.push(...answer.items.map(({ name, schema }) => ({ share, schema, table: name })));
      if (answer.nextPageToken == null || answer.nextPageToken === "") return found;
      pageToken = answer.nextPageToken;
    }
    throw badAnswer(this.whom, `its list of tables has more than ${mostPages} pages`);
  }

  /** The newest version, protocol and metadata: one small request. */
  async metadata(name: SharedTableName): Promise<SharedAnswer> {
    return this.answer(await this.ask(`${pathOf(name)}/metadata`, nameOf(name)));
  }

  /** The files of a version, page after page where the server gives pages. */
  async query(
    name: SharedTableName,
    query: SharedQuery,
  ): Promise<SharedAnswer & { refreshToken(): string | undefined }> {
    let refreshToken: string | undefined;
    const page = async (pageToken?: string): Promise<SharedAnswer> => {
      const body = JSON.stringify({ ...query, includeRefreshToken: true, ...(pageToken && { pageToken }) });
      return this.answer(await this.ask(`${pathOf(name)}/query`, nameOf(name), body));
    };
    const first = await page();
    const whom = this.whom;
    async function* lines(): AsyncGenerator<Line> {
      let answer = first;
      for (let pages = 1; ; pages++) {
        let next: string | undefined;
        for await (const line of answer.lines) {
          const end =
            "endStreamAction" in line ? EndStream.safeParse(line["endStreamAction"]).data : undefined;
          refreshToken = end?.refreshToken ?? refreshToken;
          next = end?.nextPageToken ?? undefined;
          // The pages after the first say protocol and metadata again.
          if (pages === 1 || "file" in line) yield line;
        }
        if (next === undefined || next === "") return;
        if (pages === mostPages) throw badAnswer(whom, `the list of files has more than ${mostPages} pages`);
        answer = await page(next);
      }
    }
    return { version: first.version, lines: lines(), refreshToken: () => refreshToken };
  }

  /** What changed from a version on, that one included (PROTOCOL.md, "Read Change Data Feed from a Table"). */
  async changes(name: SharedTableName, from: number): Promise<SharedAnswer> {
    return this.answer(await this.ask(`${pathOf(name)}/changes?startingVersion=${from}`, nameOf(name)));
  }

  private async ask(path: string, what: string, body?: string): Promise<Response> {
    return await askRemote({
      url: new URL(path, this.profile.endpoint),
      whom: `${this.whom} (${what})`,
      headers: {
        authorization: await this.profile.authorization(),
        "delta-sharing-capabilities": capabilities,
        ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }),
      },
      ...(body === undefined ? {} : { method: "POST", body }),
    });
  }

  private answer(response: Response): SharedAnswer {
    const header = response.headers.get("delta-table-version");
    const version = header === null ? undefined : Number(header);
    if (version !== undefined && !(Number.isSafeInteger(version) && version >= 0))
      throw badAnswer(this.whom, "its Delta-Table-Version is no whole number");
    const answered = response.headers.get("delta-sharing-capabilities") ?? "";
    const mustEnd = /includeendstreamaction\s*=\s*true/i.test(answered);
    return { version, lines: this.lines(response, mustEnd) };
  }

  /** Each as it comes. `mustEnd`: an answer without an end was cut off (PROTOCOL.md, "includeEndStreamAction"). */
  private async *lines(response: Response, mustEnd: boolean): AsyncGenerator<Line> {
    let ended = false;
    for await (const text of textLines(response, this.whom)) {
      const line = this.parsed(() => lineOf(text));
      if ("endStreamAction" in line) {
        ended = true;
        const end = this.parsed(() => EndStream.parse(line["endStreamAction"]));
        if (end.errorMessage != null)
          throw new OneCopyError("remote.refused", `${this.whom} broke off: ${oneLine(end.errorMessage)}`, {
            remedy: "Run again; if it comes again, ask whoever runs that server.",
          });
      }
      yield line;
    }
    if (mustEnd && !ended) throw badAnswer(this.whom, "it was cut off before its end");
  }

  private parsed<T>(parse: () => T): T {
    try {
      return parse();
    } catch (cause) {
      throw badAnswer(this.whom, messageOf(cause), cause);
    }
  }
}

async function* textLines(response: Response, whom: string): AsyncGenerator<string> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of bodyOf(response, whom)) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
      const line = Buffer.concat([...rest, bytes.subarray(from, end)]).toString("utf8");
      [rest, restBytes, from] = [[], 0, end + 1];
      if (line.trim() !== "") yield line;
    }
    rest.push(bytes.subarray(from));
    restBytes += bytes.length - from;
    if (restBytes > longestLineBytes)
      throw badAnswer(whom, `it has a line of more than ${longestLineBytes} bytes`);
  }
  const last = Buffer.concat(rest).toString("utf8");
  if (last.trim() !== "") yield last;
}

/** By hand: there may be a million of them. */
function lineOf(text: string): Line {
  const value: unknown = JSON.parse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Line;
  throw new TypeError("a line is no object");
}

function pathOf({ share, schema, table }: SharedTableName): string {
  const [a, b, c] = [share, schema, table].map(encodeURIComponent);
  return `shares/${a}/schemas/${b}/tables/${c}`;
}

function nameOf({ share, schema, table }: SharedTableName): string {
  return `table ${share}.${schema}.${table}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").slice(0, 300);
}
