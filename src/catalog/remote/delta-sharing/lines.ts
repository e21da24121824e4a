import { sha256 } from "../../../base/index.ts";
import { type DataFile, parseListedFile } from "../../../table/index.ts";
import { badAnswer } from "../http.ts";
import type { Line, SharedAnswer } from "./client.ts";

/** Where a listed object is, and until when. */
export interface Link {
  readonly url: string;
  /** undefined: the server does not say. */
  readonly expiresMs: number | undefined;
}

/** A file of an answer, with the links of what it names. */
export interface LinkedFile {
  readonly file: DataFile;
  readonly links: readonly (readonly [key: string, link: Link])[];
}

export interface Head {
  readonly metaData: unknown;
  readonly protocol: unknown;
}

type Parts = Readonly<Record<string, unknown>>;

/**
 * Both formats of answers as one: metadata and protocol as Delta's log has them (PROTOCOL.md, "API Response Format in
 * Parquet" and "… in Delta"), and then the files, one by one. `whom`: the address of the store that will have the files.
 */
export async function readAnswer(
  { lines }: Pick<SharedAnswer, "lines">,
  whom: string,
  onFile: (file: LinkedFile) => void = () => undefined,
): Promise<Head> {
  let metaData: unknown;
  let protocol: unknown;
  for await (const line of lines) {
    const [kind, value] = Object.entries(line)[0] ?? [];
    const parts = (value ?? {}) as Parts;
    if (kind === "protocol") protocol = parts["deltaProtocol"] ?? { minWriterVersion: 2, ...parts };
    else if (kind === "metaData") metaData = parts["deltaMetadata"] ?? parts;
    else if (kind === "queryStatus") throw badAnswer(whom, "it is one of an asynchronous query");
    else if (kind !== undefined) {
      const file = fileOf(line, whom);
      if (file !== undefined) onFile(file);
    }
  }
  if (metaData === undefined || protocol === undefined)
    throw badAnswer(whom, "it has no metadata, or no protocol");
  return { metaData, protocol };
}

/** A line of a file; of the feed of changes also one that left (`remove`) or holds changed rows (`cdc`, `cdf`). */
function fileOf(line: Line, whom: string): LinkedFile | undefined {
  const [kind, value] = Object.entries(line)[0]!;
  const parts = (value ?? {}) as Parts;
  const single = parts["deltaSingleAction"] as Parts | undefined;
  if (kind === "file" && single !== undefined) {
    const action = single["add"] ?? single["cdc"] ?? single["remove"];
    return action == null ? undefined : linked(parts, action as Parts, whom);
  }
  if (!["file", "add", "cdf", "remove"].includes(kind)) return undefined;
  return linked(parts, { ...parts, path: parts["url"] }, whom);
}

/** The id is the same in every answer, and so is the key that is made of it: what was read once need not be read again. */
function linked(parts: Parts, action: Parts, whom: string): LinkedFile {
  const { id, expirationTimestamp: expires, timestamp } = parts;
  const { path: url } = action;
  if (typeof id !== "string" || typeof url !== "string")
    throw badAnswer(whom, "a file in it has no id, or no address");
  const expiresMs = typeof expires === "number" ? expires : undefined;
  const links: [string, Link][] = [];
  const key = `${sha256(id).slice(0, 40)}.parquet`;
  const stated = {
    modificationTime: typeof timestamp === "number" ? timestamp : 0,
    size: parts["size"],
    ...action,
    dataChange: true,
    path: key,
  };
  const vectorKey = (address: string): string => {
    const vectorId = parts["deletionVectorFileId"];
    // Vectors of several files may lie in one: its address without the signature tells it then.
    const name = typeof vectorId === "string" ? vectorId : address.replace(/\?.*$/s, "");
    const found = `${sha256(name).slice(0, 40)}.bin`;
    links.push([found, { url: address, expiresMs }]);
    return `${whom}${found}`;
  };
  const file = parseListedFile(stated, key, vectorKey);
  links.push([key, { url, expiresMs }]);
  return { file, links };
}
