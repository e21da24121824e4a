import { z } from "zod";
import { messageOf, parseLossless } from "../../../base/index.ts";
import { askRemote, badAnswer, textOfAnswer } from "../http.ts";

/* A client of the Iceberg REST catalog (apache/iceberg, open-api/rest-catalog-open-api.yaml), as far as reading needs it. */

export interface CatalogConnection {
  /** What stands before `/v1`; without a slash at its end. */
  readonly uri: URL;
  readonly warehouse: string | undefined;
  /** The bearer token; undefined: the catalog wants none. */
  readonly token: (() => Promise<string>) | undefined;
}

const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((found) => found ?? {});
const Config = z.object({ defaults: texts, overrides: texts });

/** `LoadTableResult`; of the metadata only what tells where the table is, and whether it changed. */
const LoadTableResult = z.object({
  "metadata-location": z.string().nullish(),
  metadata: z.looseObject({
    location: z.string(),
    "table-uuid": z.string().nullish(),
    "last-updated-ms": z.number(),
  }),
  config: texts,
  "storage-credentials": z
    .array(z.object({ prefix: z.string(), config: z.record(z.string(), z.string()) }))
    .nullish()
    .transform((found) => found ?? []),
});

const Identifiers = z.object({
  identifiers: z.array(z.object({ namespace: z.array(z.string()), name: z.string() })),
  "next-page-token": z.string().nullish(),
});
const mostPages = 10_000;

export type LoadedTable = z.output<typeof LoadTableResult>;

export interface TableAnswer {
  readonly etag: string | undefined;
  readonly table: LoadedTable;
}

/** Namespaces may have levels; both are names as the catalog has them. */
export interface CatalogTableName {
  readonly namespace: readonly string[];
  readonly name: string;
}

/** Fails as `askRemote` does, and with `remote.bad_answer`. */
export class IcebergCatalog {
  private readonly whom: string;
  private config: Promise<Readonly<Record<string, string>>> | undefined;

  constructor(private readonly connection: CatalogConnection) {
    this.whom = `the Iceberg catalog ${connection.uri.host}`;
  }

  /** `unchanged`: the table is as the answer with that ETag had it. Credentials for its storage are asked for. */
  async load({ namespace, name }: CatalogTableName, etag?: string): Promise<TableAnswer | "unchanged"> {
    const parts = [namespace.join("\u001f"), name].map(encodeURIComponent);
    const response = await this.ask(
      await this.path(`namespaces/${parts[0]}/tables/${parts[1]}?snapshots=refs`),
      `table ${[...namespace, name].join(".")}`,
      {
        "x-iceberg-access-delegation": "vended-credentials",
        ...(etag === undefined ? {} : { "if-none-match": etag }),
      },
    );
    if (response.status === 304) return "unchanged";
    const table = await this.parsed(response, LoadTableResult);
    return { etag: response.headers.get("etag") ?? undefined, table };
  }

  /** The names of a namespace's tables. */
  async tables(namespace: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    const base = `namespaces/${encodeURIComponent(namespace.join("\u001f"))}/tables`;
    let pageToken = "";
    for (let page = 0; page < mostPages; page++) {
      const path = await this.path(`${base}?${new URLSearchParams({ pageToken }).toString()}`);
      const response = await this.ask(path, `namespace ${namespace.join(".")}`);
      const { identifiers, "next-page-token": next } = await this.parsed(response, Identifiers);
      found.push(...identifiers.map(({ name }) => name));
      if (next == null || next === "") return found;
      pageToken = next;
    }
    throw badAnswer(this.whom, `its list of tables has more than ${mostPages} pages`);
  }

  private async path(rest: string): Promise<string> {
    this.config ??= this.settings();
    const settings = await this.config.catch((error: unknown) => {
      this.config = undefined;
      throw error;
    });
    const prefix = settings["prefix"];
    return prefix === undefined ? `v1/${rest}` : `v1/${prefix}/${rest}`;
  }

  /** What the catalog sets for its clients, once. */
  private async settings(): Promise<Readonly<Record<string, string>>> {
    const { warehouse } = this.connection;
    const query = warehouse === undefined ? "" : `?${new URLSearchParams({ warehouse }).toString()}`;
    const { defaults, overrides } = await this.parsed(
      await this.ask(`v1/config${query}`, "its settings"),
      Config,
    );
    return { ...defaults, ...overrides };
  }

  private async ask(
    path: string,
    what: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const { uri, token } = this.connection;
    return await askRemote({
      url: new URL(path, `${uri.href.replace(/\/*$/, "")}/`),
      whom: `${this.whom} (${what})`,
      headers: {
        accept: "application/json",
        ...headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${await token()}` }),
      },
      accepts: headers["if-none-match"] === undefined ? [] : [304],
    });
  }

  private async parsed<T extends z.ZodType>(response: Response, type: T): Promise<z.output<T>> {
    const text = await textOfAnswer(response, this.whom);
    try {
      return type.parse(parseLossless(text));
    } catch (error) {
      // Without the cause, which may hold keys of the answer.
      throw badAnswer(this.whom, messageOf(error));
    }
  }
}
