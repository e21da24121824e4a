import { expect, test } from "vitest";
import { parseCommit } from "./action.ts";
import { schemaFromDelta } from "./schema.ts";

const metaData = { id: "x", format: { provider: "parquet" }, partitionColumns: [], configuration: {} };

test.each([
  [{ metaData: { ...metaData, schemaString: null } }, /7\.json, line 1: metaData\.schemaString: .*string/],
  [{ metaData }, /metaData\.schemaString/],
  [{ protocol: { minReaderVersion: "3", minWriterVersion: 7 } }, /protocol\.minReaderVersion/],
  [{ add: { path: "a", size: -1 } }, /add\.size: expected a whole number from 0, found -1/],
])("a commit with %j is refused, by the name of what is wrong", (action, message) => {
  expect(() => parseCommit("7.json", JSON.stringify(action))).toThrow(message);
});

test("a column of the type void is refused by its name, at the top and inside others", () => {
  const field = (name: string, type: unknown) => ({ name, type, nullable: true, metadata: {} });
  const read = (type: unknown) =>
    schemaFromDelta("t", JSON.stringify({ type: "struct", fields: [field("gone", type)] }), {});
  for (const type of ["void", { type: "struct", fields: [field("x", "void")] }])
    expect(() => read(type)).toThrow(/gone.*void/s);
});
