import { z } from "zod";
import { messageOf, parseLossless } from "../../../base/index.ts";
import { damaged } from "./unsupported.ts";

/** Iceberg spec, "Column Projection" and "Name Mapping Serialization": ids of columns in files that state none. */
export interface NameMapping {
  /** The mapped fields, by every name that stands for them in files. */
  readonly byName: ReadonlyMap<string, MappedField>;
}

export interface MappedField {
  readonly fieldId: number | undefined;
  /** Of a struct's fields; of `element`, or of `key` and `value`. */
  readonly children: NameMapping;
}

export const noMapping: NameMapping = { byName: new Map() };

const deepest = 32;
const node = z.object({
  names: z.array(z.string()),
  "field-id": z.number().int().nullish(),
  fields: z.array(z.unknown()).nullish(),
});

/** The property's JSON text. Fails with `table.metadata_damaged`. */
export function parseNameMapping(where: string, text: string | undefined): NameMapping | undefined {
  if (text === undefined) return undefined;
  const parse = (nodes: readonly unknown[], depth: number): NameMapping => {
    if (depth > deepest) throw new Error(`it is nested deeper than ${deepest}`);
    const byName = new Map<string, MappedField>();
    for (const item of nodes) {
      const { names, "field-id": fieldId, fields } = node.parse(item);
      const mapped = { fieldId: fieldId ?? undefined, children: parse(fields ?? [], depth + 1) };
      for (const name of names) byName.set(name, mapped);
    }
    return { byName };
  };
  try {
    return parse(z.array(z.unknown()).parse(parseLossless(text)), 0);
  } catch (cause) {
    throw damaged(
      where,
      `its property schema.name-mapping.default cannot be read: ${messageOf(cause)}`,
      cause,
    );
  }
}
