import { describe, expect, it } from "vitest";
import { OneCopyError } from "../base/index.ts";
import { parseConfig } from "./parse.ts";

function problems(text: string): string[] {
  try {
    parseConfig(text, "onecopy.yaml");
  } catch (error) {
    if (error instanceof OneCopyError && error.code === "project.config_invalid")
      return error.message.split("\n");
    throw error;
  }
  return [];
}

describe("parseConfig", () => {
  it("takes the smallest configuration and fills in the defaults", () => {
    const config = parseConfig("name: shop", "onecopy.yaml");
    expect(config).toMatchObject({
      name: "shop",
      lake: "./lake",
      sources: {},
      segments: {},
      syncs: {},
      shares: {},
    });
  });

  it("names file, line, column and the allowed keys", () => {
    expect(problems("name: shop\nlak: ./lake\n")).toEqual([
      expect.stringMatching(
        /^onecopy\.yaml:2:1: lak: unknown key; allowed here: .*name, lake, state.*sources/,
      ),
    ]);
  });

  it("names the allowed values", () => {
    const text =
      "name: shop\nsyncs:\n  s:\n    segment: a\n    destination: { folder: out, format: xml }\n    columns: [email]\nsegments:\n  a: { rule: { attribute: orders, op: '>', value: 1 } }\n";
    expect(problems(text).join("\n")).toMatch(
      /onecopy\.yaml:5:\d+: syncs\.s\.destination\.format: must be one of csv, jsonl/,
    );
  });

  it("finds keys inside a source, whichever kind of source it is", () => {
    expect(problems("name: shop\nsources:\n  web: { files: a.csv, tagz: {} }\n")).toEqual([
      expect.stringMatching(
        /^onecopy\.yaml:3:\d+: sources\.web\.tagz: unknown key; allowed here: .*files.*tags/,
      ),
    ]);
  });

  it("says which segment a sync lacks, and which there are", () => {
    const text =
      "name: shop\nsegments:\n  big: { rule: { attribute: orders, op: '>', value: 1 } }\nsyncs:\n  s:\n    segment: bigg\n    destination: { folder: out, format: csv }\n    columns: [email]\n";
    expect(problems(text)).toEqual([
      "onecopy.yaml:6:5: syncs.s.segment: there is no segment bigg; the segments are big",
    ]);
  });

  it("reports a syntax error with its line", () => {
    expect(problems("name: shop\nsources: [\n")[0]).toMatch(/^onecopy\.yaml:\d+:\d+: /);
  });

  it("refuses what is not a mapping, and an empty file, by saying what is expected", () => {
    expect(problems("- a\n")[0]).toMatch(/^onecopy\.yaml:1:1: .*expected object.*name, lake/);
    expect(problems("")[0]).toMatch(/^onecopy\.yaml:1:1: name: .*expected string/);
  });

  it("reports every problem, in the order of the file", () => {
    const found = problems("nam: x\nlake: 3\nengine: { threads: 0 }\n");
    expect(found).toHaveLength(4);
    expect(found.map((problem) => Number(problem.split(":")[1]))).toEqual([1, 1, 2, 3]);
  });

  it("does not follow aliases without end", () => {
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ..."bcdefghij"
        .split("")
        .map((c, i) => `${c}: &${c} [${Array(9).fill(`*${"abcdefghij"[i]}`).join(",")}]`),
    ].join("\n");
    expect(() => parseConfig(bomb, "onecopy.yaml")).toThrow(/alias/i);
  });
});
