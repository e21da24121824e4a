import type { FieldPath } from "../../schema/index.ts";

/**
 * Table property: JSON list of the paths of dropped fields whose values data files may still hold. Delta readers find
 * columns by name: a field of such a name may come back only when those files are written again (FORMATS.md, "Schema
 * change").
 */
const propertyDropped = "onecopy.dropped-columns";

/** In lower case. A list that somebody else spoiled counts as empty. */
export function droppedPaths(properties: Readonly<Record<string, string>>): readonly FieldPath[] {
  try {
    const paths: unknown = JSON.parse(properties[propertyDropped] ?? "[]");
    return Array.isArray(paths) ? paths.filter(isPath) : [];
  } catch {
    return [];
  }
}

/** The properties with these paths as the dropped ones. */
export function withDropped(
  properties: Readonly<Record<string, string>>,
  paths: readonly FieldPath[],
): Readonly<Record<string, string>> {
  const { [propertyDropped]: _, ...others } = properties;
  const unique = new Map(paths.map((path) => lower(path)).map((path) => [JSON.stringify(path), path]));
  return unique.size === 0 ? others : { ...others, [propertyDropped]: JSON.stringify([...unique.values()]) };
}

export function samePath(a: FieldPath, b: FieldPath): boolean {
  return JSON.stringify(lower(a)) === JSON.stringify(lower(b));
}

function lower(path: FieldPath): FieldPath {
  return path.map((name) => name.toLowerCase());
}

function isPath(path: unknown): path is FieldPath {
  return Array.isArray(path) && path.length > 0 && path.every((name) => typeof name === "string");
}
