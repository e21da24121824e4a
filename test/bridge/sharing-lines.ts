import { expect } from "vitest";

/** A line of an answer, as far as it is looked at here. */
export interface Line {
  readonly protocol: { readonly version: number; readonly deltaProtocol: Readonly<Record<string, unknown>> };
  readonly metaData: Metadata & { readonly version: number; readonly deltaMetadata: Metadata };
  readonly add?: ToldFile;
  readonly remove?: ToldFile;
  readonly file: ToldFile & {
    readonly deltaSingleAction: Readonly<Record<"add" | "remove" | "cdc", Readonly<Record<string, unknown>>>>;
  };
}

/** A file, as a line in the parquet format tells it. */
export interface ToldFile {
  readonly id: string;
  readonly url: string;
  readonly size: number;
  readonly stats: string;
  readonly partitionValues: unknown;
  readonly expirationTimestamp: number;
  readonly version: number;
  readonly timestamp: number;
}

export interface Metadata {
  readonly schemaString: string;
  readonly partitionColumns: unknown;
  readonly format: { readonly provider: string };
  readonly configuration: object;
  readonly numFiles: number;
}

export async function linesOf(
  response: Response,
): Promise<[protocol: Line, metadata: Line, ...files: Line[]]> {
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
  const lines = (await response.text()).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Line) as [Line, Line, ...Line[]];
}

/** `name type` of each column. */
export function columnsOf({ schemaString }: Metadata): string[] {
  const { fields } = JSON.parse(schemaString) as { fields: { name: string; type: string }[] };
  return fields.map(({ name, type }) => `${name} ${type}`);
}
