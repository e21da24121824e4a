import { expect, test } from "vitest";
import { chooseFormat, parseCapabilities } from "./capabilities.ts";

const plain = { minReaderVersion: 1 };
const withVectors = { minReaderVersion: 3, readerFeatures: ["deletionVectors"] };

test.each([
  [undefined, plain, "parquet"],
  ["responseformat=parquet", plain, "parquet"],
  ["responseformat=delta", plain, "delta"],
  ["responseformat=delta,parquet;readerfeatures=deletionvectors", plain, "delta"],
  ["ResponseFormat = DELTA ; ReaderFeatures = DeletionVectors", withVectors, "delta"],
  ["includeEndStreamAction=true", plain, "parquet"],
])("%s for %o", (header, protocol, format) => {
  expect(chooseFormat(parseCapabilities(header), protocol)).toBe(format);
});

test.each([
  [undefined, withVectors],
  ["responseformat=parquet", { minReaderVersion: 2 }],
  ["responseformat=delta,parquet", withVectors],
  ["responseformat=delta;readerfeatures=columnmapping", withVectors],
])("%s for %o is refused rather than misread", (header, protocol) => {
  expect(() => chooseFormat(parseCapabilities(header), protocol)).toThrow(
    expect.objectContaining({ code: "bridge.unsupported" }),
  );
});

test("a format that is not known is refused", () => {
  expect(() => parseCapabilities("responseformat=avro")).toThrow(
    expect.objectContaining({ code: "bridge.bad_parameter" }),
  );
});
