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

/** For each file the value as SQL. */
export function partitionValues(field: Field, files: readonly DataFile[]): string[] {
  const type = typeToEngine(field.type);
  return files.map((file) => {
    const text = partitionText(field, file);
    if (text === null || text === undefined) return `CAST(NULL AS ${type})`;
    if (field.type === "timestamp" && !/(Z|[+-]\d\d(:?\d\d)?)$/.test(text))
      return `CAST(${literal(`${text}+00`)} AS ${type})`;
    if (field.type === "binary") return `encode(${literal(text)})`;
    return `CAST(${literal(text)} AS ${type})`;
  });
}

function otherwiseSpelled(name: string, values: DataFile["partitionValues"]): string | null | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(values).find(([key]) => key.toLowerCase() === wanted)?.[1];
}
