import { expect, test } from "vitest";
import { chooseFormat, parseCapabilities } from "./capabilities.ts";

const table = (
  minReaderVersion: number,
  readerFeatures?: string[],
  properties: Record<string, string> = {},
): Parameters<typeof chooseFormat>[1] => ({
  protocol: { minReaderVersion, minWriterVersion: 7, ...(readerFeatures && { readerFeatures }) },
  properties,
});
const plain = table(1);
const withVectors = table(3, ["deletionVectors"]);
const mapped = table(2, undefined, { "delta.columnMapping.mode": "name" });

test.each([
  [undefined, plain, "parquet"],
  ["responseformat=parquet", plain, "parquet"],
  ["responseformat=delta", plain, "delta"],
  ["responseformat=delta,parquet;readerfeatures=deletionvectors", plain, "delta"],
  ["ResponseFormat = DELTA ; ReaderFeatures = DeletionVectors", withVectors, "delta"],
  ["includeEndStreamAction=true;asyncquery=true", plain, "parquet"],
  ["responseformat=delta;readerfeatures=columnmapping", mapped, "delta"],
  [undefined, table(2), "parquet"],
  [undefined, table(3, ["v2Checkpoint", "vacuumProtocolCheck"]), "parquet"],
  ["responseformat=delta", table(3, ["v2Checkpoint"]), "delta"],
])("%s for %o", (header, of, format) => {
  expect(chooseFormat(parseCapabilities(header), of)).toBe(format);
});

test.each([
  [undefined, withVectors, "deletionVectors"],
  ["responseformat=parquet", mapped, "columnMapping"],
  ["responseformat=delta,parquet", withVectors, "deletionVectors"],
  ["responseformat=delta;readerfeatures=columnmapping", withVectors, "deletionVectors"],
  ["responseformat=parquet;readerfeatures=timestampntz", table(3, ["timestampNtz"]), "timestampNtz"],
])("%s for %o is refused rather than misread, and says for what", (header, of, reason) => {
  expect(() => chooseFormat(parseCapabilities(header), of)).toThrow(
    expect.objectContaining({ code: "bridge.unsupported", message: expect.stringContaining(reason) }),
  );
});

test("a format that is not known is refused", () => {
  expect(() => parseCapabilities("responseformat=avro")).toThrow(
    expect.objectContaining({ code: "bridge.bad_parameter" }),
  );
});
