import { describe, expect, test } from "vitest";
import {
  addFields,
  schemaOf,
  typeFromDelta,
  typeFromEngine,
  typeFromIceberg,
  typeToDelta,
  typeToEngine,
  typeToIceberg,
} from "./index.ts";

describe("types of the engine", () => {
  test.each([
    "BOOLEAN",
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "FLOAT",
    "DOUBLE",
    "DECIMAL(38,10)",
    "VARCHAR",
    "BLOB",
    "DATE",
    "TIMESTAMP WITH TIME ZONE",
  ])("%s comes back as it is", (type) => {
    const logical = typeFromEngine(type);
    expect(typeToEngine(logical)).toBe(type);
    expect(typeFromDelta(typeToDelta(logical))).toEqual(logical);
  });

  test.each([
    ["UBIGINT", "DECIMAL(20,0)"],
    ["HUGEINT", "DECIMAL(38,0)"],
    ["UUID", "VARCHAR"],
    ["TIME", "VARCHAR"],
    ["ENUM('a', 'b)')", "VARCHAR"],
    ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE"],
    ["TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"],
    ["UINTEGER", "BIGINT"],
  ])("%s is held as %s", (type, held) => {
    expect(typeToEngine(typeFromEngine(type))).toBe(held);
  });

  test.each([
    ["INTEGER[3]", "INTEGER[]"],
    ["INTEGER[1][2]", "INTEGER[][]"],
    ["TIMESTAMP WITH TIME ZONE[]", "TIMESTAMP WITH TIME ZONE[]"],
    ["ENUM('a, b)', 'it''s \"x\"')[]", "VARCHAR[]"],
    ["MAP(TINYINT, SMALLINT)", "MAP(INTEGER, SMALLINT)"],
    ["MAP(VARCHAR, STRUCT(b DECIMAL(18,3)[]))", 'MAP(VARCHAR, STRUCT("b" DECIMAL(18,3)[]))'],
    [
      'STRUCT("a b" INTEGER, "q""x" UUID, "select" TIME, Up DATE, "a,b)" BLOB, "žluť" FLOAT)[]',
      'STRUCT("a b" INTEGER, "q""x" VARCHAR, "select" VARCHAR, "Up" DATE, "a,b)" BLOB, "žluť" FLOAT)[]',
    ],
  ])("%s is held as %s", (type, held) => {
    expect(typeToEngine(typeFromEngine(type))).toBe(held);
  });

  test.each([
    "INTERVAL",
    "BIT",
    "UHUGEINT",
    "BIGNUM",
    "VARIANT",
    "GEOMETRY",
    "UNION(a INTEGER, b VARCHAR)",
    "TIME WITH TIME ZONE",
    "STRUCT(INTEGER, VARCHAR)",
    "MAP(INTEGER)",
    "constructor",
    `${"STRUCT(a ".repeat(70)}INTEGER${")".repeat(70)}`,
    `INTEGER${"[]".repeat(70)}`,
  ])("%s is refused by name, with a cast that helps", (type) => {
    expect(() => schemaOf([{ name: "c", type }])).toThrow(
      expect.objectContaining({
        code: "schema.type_unsupported",
        message: expect.stringContaining(
          `Column c: A table cannot hold values of type ${type.slice(0, 200)}`,
        ),
        remedy: expect.stringContaining("CAST"),
      }),
    );
  });
});

test("what stands in each format's schema", () => {
  expect(typeToDelta({ kind: "decimal", precision: 9, scale: 2 })).toBe("decimal(9,2)");
  expect(typeToIceberg({ kind: "decimal", precision: 9, scale: 2 })).toBe("decimal(9, 2)");
  expect(typeToIceberg("timestamp")).toBe("timestamptz");
  expect(typeToIceberg("byte")).toBe("int");
  expect(typeFromIceberg("decimal(9, 2)")).toEqual({ kind: "decimal", precision: 9, scale: 2 });
  expect(typeToIceberg("timestamp_ntz")).toBe("timestamp");
  expect(() => typeFromDelta("void")).toThrow("void");
  expect(() => typeFromDelta("decimal(39,0)")).toThrow("decimal(39,0)");
  expect(() => typeFromIceberg({ type: "list" })).toThrow("list");
  expect(() => typeFromIceberg("timestamptz_ns")).toThrow("timestamptz_ns");
});

describe("a schema grows", () => {
  test("new fields get ids that no field ever had", () => {
    const schema = { ...schemaOf([{ name: "a", type: "BIGINT" }]), lastFieldId: 7 };
    expect(addFields(schema, [{ name: "b", type: "string" }])).toEqual({
      fields: [
        { id: 1, name: "a", type: "long", nullable: true },
        { id: 8, name: "b", type: "string", nullable: true },
      ],
      lastFieldId: 8,
    });
  });

  test.each(["", "a\nb", "\ud800", "A", "x".repeat(256)])("the name %j is refused", (name) => {
    const schema = schemaOf([{ name: "a", type: "BIGINT" }]);
    expect(() => addFields(schema, [{ name, type: "string" }])).toThrow(
      expect.objectContaining({ code: "schema.bad_name" }),
    );
  });
});
