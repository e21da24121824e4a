import { literal } from "../../engine/index.ts";
import { type Field, physicalName, typeToEngine } from "../../schema/index.ts";
import type { DataFile } from "../snapshot.ts";

/** A file's value of a partition column: a text; `null` is null, and so is the empty text (Delta protocol). `undefined`: the log does not say. */
export function partitionText(
  field: Field,
  { partitionValues: values }: DataFile,
): string | null | undefined {
  const name = physicalName(field);
  const text = Object.hasOwn(values, name) ? values[name] : otherwiseSpelled(name, values);
  return text === "" ? null : text;
}

/** Whether a timestamp's text says what instant it is. */
export function statesZone(text: string): boolean {
  return /(Z|[+-]\d\d(:?\d\d)?)$/.test(text);
}

/**
 * For each file the value as SQL. A timestamp without a zone is in that of the system that wrote it (Delta protocol,
 * "Partition Value Serialization"): `zone`.
 */
export function partitionValues(field: Field, files: readonly DataFile[], zone = "UTC"): string[] {
  const type = typeToEngine(field.type);
  return files.map((file) => {
    const text = partitionText(field, file);
    if (text === null || text === undefined) return `CAST(NULL AS ${type})`;
    if (field.type === "timestamp" && !statesZone(text))
      return `(CAST(${literal(text)} AS TIMESTAMP) AT TIME ZONE ${literal(zone)})`;
    if (field.type === "binary") return `encode(${literal(text)})`;
    return `CAST(${literal(text)} AS ${type})`;
  });
}

function otherwiseSpelled(name: string, values: DataFile["partitionValues"]): string | null | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(values).find(([key]) => key.toLowerCase() === wanted)?.[1];
}
