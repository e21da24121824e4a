import { z } from "zod";
import { ProjectConfig } from "./config.ts";

/** A node of a JSON Schema (draft 2020-12), as far as it is looked at here. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

/** The published JSON Schema of `onecopy.yaml`. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(ProjectConfig, { io: "input" });
  return {
    ...schema,
    title: "onecopy.yaml",
    description: "The configuration of a OneCopy project.",
  } as JsonSchema;
}

/** The keys that an object may have at a path of the configuration. */
export function allowedKeys(root: JsonSchema, path: readonly PropertyKey[]): string[] {
  let nodes = alternatives(root, root);
  for (const step of path) nodes = nodes.flatMap((node) => child(root, node, step));
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

function child(root: JsonSchema, node: JsonSchema, step: PropertyKey): JsonSchema[] {
  if (typeof step === "number") return node.items === undefined ? [] : alternatives(root, node.items);
  const property = node.properties?.[String(step)];
  if (property !== undefined) return alternatives(root, property);
  return typeof node.additionalProperties === "object" ? alternatives(root, node.additionalProperties) : [];
}

function alternatives(root: JsonSchema, node: JsonSchema): JsonSchema[] {
  if (node.$ref !== undefined) {
    const target = node.$ref === "#" ? root : root.$defs?.[node.$ref.replace("#/$defs/", "")];
    return target === undefined ? [] : alternatives(root, target);
  }
  const parts = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return [node, ...parts.flatMap((part) => alternatives(root, part))];
}
