import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { stringifyLossless } from "../base/index.ts";
import { configJsonSchema } from "./json-schema.ts";

it("the published JSON Schema is the one of this version: `onecopy schema > docs/onecopy.schema.json`", async () => {
  const published = await readFile(new URL("../../docs/onecopy.schema.json", import.meta.url), "utf8");
  expect(JSON.parse(published)).toEqual(JSON.parse(stringifyLossless(configJsonSchema())));
});

it("every key of the configuration is described", () => {
  const undescribed: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (node === null || typeof node !== "object") return;
    if ("properties" in node) {
      for (const [key, property] of Object.entries(
        node.properties as Record<string, { description?: string }>,
      )) {
        if (property.description === undefined) undescribed.push(`${path}.${key}`);
      }
    }
    for (const [key, inner] of Object.entries(node)) visit(inner, `${path}.${key}`);
  };
  visit(configJsonSchema(), "");
  expect(undescribed).toEqual([]);
});
