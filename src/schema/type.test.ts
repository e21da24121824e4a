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
    "INTEGER[]",
    "STRUCT(a INTEGER)",
    "MAP(VARCHAR, INTEGER)",
    "INTERVAL",
    "BIT",
    "UHUGEINT",
    "TIME WITH TIME ZONE",
    "constructor",
  ])("%s is refused by name, with a cast that helps", (type) => {
    expect(() => schemaOf([{ name: "c", type }])).toThrow(
      expect.objectContaining({
        code: "schema.type_unsupported",
        message: expect.stringContaining(`Column c: A table cannot hold values of type ${type}`),
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
  expect(() => typeFromDelta("timestamp_ntz")).toThrow("timestamp_ntz");
  expect(() => typeFromDelta({ type: "array", elementType: "long" })).toThrow("array");
  expect(() => typeFromIceberg({ type: "list" })).toThrow("list");
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
