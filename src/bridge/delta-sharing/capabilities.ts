import { refuse } from "../error.ts";

/** How the answers' lines are written (PROTOCOL.md, "responseFormat"). */
export type ResponseFormat = "delta" | "parquet";

export const CAPABILITIES_HEADER = "delta-sharing-capabilities";

/** What a client says it can read, in its {@link CAPABILITIES_HEADER}. */
export interface Capabilities {
  readonly formats: ReadonlySet<ResponseFormat>;
  readonly readerFeatures: ReadonlySet<string>;
}

/** `responseformat=delta,parquet;readerfeatures=deletionvectors`, in any case; without the header: parquet. */
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
  return { formats, readerFeatures: new Set(values.get("readerfeatures") ?? []) };
}

/** What decides in which format a table can be read. */
interface Protocol {
  readonly minReaderVersion: number;
  readonly readerFeatures?: readonly string[];
}

/**
 * The format of the answer: delta wherever the client takes it, since its reader then goes by the table's
 * schema; parquet only for a table that a reader of plain files gets right. With deletion vectors or column
 * mapping such a reader would show deleted rows and dropped columns, without a word.
 */
export function chooseFormat(capabilities: Capabilities, protocol: Protocol): ResponseFormat {
  if (capabilities.formats.has("delta")) {
    const missing = (protocol.readerFeatures ?? []).filter(
      (feature) => !capabilities.readerFeatures.has(feature.toLowerCase()),
    );
    if (missing.length === 0) return "delta";
    throw refuse(
      "unsupported",
      `Reading this table needs ${missing.join(", ")}, which the client did not name.`,
    );
  }
  if (protocol.minReaderVersion === 1) return "parquet";
  throw refuse(
    "unsupported",
    "This table can't be read in the parquet response format. Use a client that asks for responseformat=delta.",
  );
}
