import type { Description, Protocol } from "../../table/index.ts";
import { refuse } from "../error.ts";
import { neededFeatures } from "./protocol.ts";

/** How the answers' lines are written (PROTOCOL.md, "responseFormat"). */
export type ResponseFormat = "delta" | "parquet";

export const CAPABILITIES_HEADER = "delta-sharing-capabilities";

export const FILE_ID_HASH_HEADER = "fileidhash";

/**
 * The scheme of file ids that the client asks for (PROTOCOL.md, "File ID Hash Header"). Ours are the same in both: of the
 * table's id and the file's path.
 */
export function parseFileIdHash(header: string | undefined): string | undefined {
  const scheme = header?.trim().toLowerCase();
  if (scheme === undefined || scheme === "parquet" || scheme === "delta") return scheme;
  throw refuse("bad_parameter", `${FILE_ID_HASH_HEADER} must be parquet or delta.`);
}

/** What a client says it can read, in its {@link CAPABILITIES_HEADER}. */
export interface Capabilities {
  readonly formats: ReadonlySet<ResponseFormat>;
  readonly readerFeatures: ReadonlySet<string>;
  /** It knows the line that closes an answer, and fails without it (PROTOCOL.md, "includeEndStreamAction"). */
  readonly endStreamAction: boolean;
}

/**
 * `responseformat=delta,parquet;readerfeatures=deletionvectors`, in any case; without the header: parquet. What is not
 * known here, `asyncquery` too, is passed over, as the protocol wants it: the answer is then the plain one.
 */
export function parseCapabilities(header: string | undefined): Capabilities {
  const values = new Map<string, string[]>();
  for (const part of (header ?? "").toLowerCase().split(";")) {
    const [key, list] = part.split("=", 2);
    if (key === undefined || list === undefined) continue;
    values.set(
      key.trim(),
      list.split(",").map((value) => value.trim()),
    );
  }
  const asked = values.get("responseformat") ?? ["parquet"];
  const formats = new Set(asked.filter((name) => name === "delta" || name === "parquet"));
  if (formats.size === 0) {
    throw refuse("bad_parameter", `${CAPABILITIES_HEADER} must ask for responseformat delta or parquet.`);
  }
  return {
    formats,
    readerFeatures: new Set(values.get("readerfeatures") ?? []),
    endStreamAction: values.get("includeendstreamaction")?.[0] === "true",
  };
}

/**
 * The format of the answer: delta wherever the client takes it, since its reader then goes by the table's
 * schema; parquet only for a table that a reader of plain files gets right. With deletion vectors or column
 * mapping such a reader would show deleted rows and dropped columns, without a word.
 */
export function chooseFormat(
  capabilities: Capabilities,
  { protocol, ...described }: { readonly protocol: Protocol } & Pick<Description, "properties">,
): ResponseFormat {
  const needed = neededFeatures(protocol, described);
  const names = needed.join(", ");
  if (capabilities.formats.has("delta")) {
    const missing = needed.filter((feature) => !capabilities.readerFeatures.has(feature.toLowerCase()));
    if (missing.length === 0) return "delta";
    throw refuse(
      "unsupported",
      `Reading this table needs ${names}; the client did not name ${missing.join(", ")} among its readerfeatures. Use a newer client.`,
    );
  }
  if (needed.length === 0) return "parquet";
  throw refuse(
    "unsupported",
    `This table uses ${names}, of which the parquet response format says nothing: rows that are deleted would be shown, columns be missed. Use a client that asks for responseformat=delta.`,
  );
}
