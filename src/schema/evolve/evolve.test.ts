import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Field,
  type FieldPath,
  type LogicalType,
  type Schema,
  type SchemaChange,
  addFields,
  applySchemaChanges,
  isNested,
  widening,
} from "../index.ts";

const leaf = fc.constantFrom<LogicalType>(
  "boolean",
  "byte",
  "short",
  "integer",
  "long",
  "float",
  "double",
  "string",
  "binary",
  "date",
  "timestamp",
  { kind: "decimal", precision: 9, scale: 2 },
);
const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_ ]{0,6}$/);
const uniqueNames = (min: number) =>
  fc.uniqueArray(name, { minLength: min, maxLength: 4, selector: (text) => text.toLowerCase() });

function struct(depth: number): fc.Arbitrary<LogicalType> {
  return uniqueNames(1).chain((names) =>
    fc.tuple(...names.map(() => fc.tuple(type(depth), fc.boolean()))).map((types): LogicalType => ({
      kind: "struct",
      fields: names.map((one, i) => ({ id: 0, name: one, type: types[i]![0], nullable: types[i]![1] })),
    })),
  );
}

function type(depth: number): fc.Arbitrary<LogicalType> {
  if (depth === 0) return leaf;
  const inner = type(depth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    {
      weight: 1,
      arbitrary: fc.tuple(inner, fc.boolean()).map(([element, elementNullable]): LogicalType => ({
        kind: "list",
        elementId: 0,
        element,
        elementNullable,
      })),
    },
    {
      weight: 1,
      arbitrary: inner.map((value): LogicalType => ({
        kind: "map",
        keyId: 0,
        key: "string",
        valueId: 0,
        value,
        valueNullable: true,
      })),
    },
    { weight: 2, arbitrary: struct(depth - 1) },
  );
}

const schemas: fc.Arbitrary<Schema> = struct(3).map((root) =>
  addFields({ fields: [], lastFieldId: 0 }, (root as { fields: readonly Field[] }).fields),
);

interface Seen {
  readonly path: FieldPath;
  readonly id: number;
  readonly type: LogicalType;
  readonly isField: boolean;
}

function everything(schema: Schema): Seen[] {
  const seen: Seen[] = [];
  const visit = (path: FieldPath, type: LogicalType): void => {
    if (!isNested(type)) return;
    const see = (name: string, id: number, member: LogicalType, isField: boolean): void => {
      seen.push({ path: [...path, name], id, type: member, isField });
      visit([...path, name], member);
    };
    if (type.kind === "struct") for (const field of type.fields) see(field.name, field.id, field.type, true);
    if (type.kind === "list") see("element", type.elementId, type.element, false);
    if (type.kind === "map") {
      see("key", type.keyId, type.key, false);
      see("value", type.valueId, type.value, false);
    }
  };
  visit([], { kind: "struct", fields: schema.fields });
  return seen;
}

const changes = (schema: Schema): fc.Arbitrary<SchemaChange> => {
  const all = everything(schema);
  const path = fc.constantFrom(...all.map((one) => one.path));
  const position = fc.oneof(
    fc.constant("first" as const),
    path.map((one) => ({ after: one.at(-1)! })),
  );
  return fc.oneof(
    fc.tuple(path, name, type(2), position).map(([at, to, newType, where]): SchemaChange => ({
      kind: "add",
      path: [...at.slice(0, -1), to],
      type: newType,
      position: where,
    })),
    fc.tuple(path, name).map(([at, to]): SchemaChange => ({ kind: "rename", path: at, to })),
    path.map((at): SchemaChange => ({ kind: "drop", path: at })),
    fc
      .tuple(path, position)
      .map(([at, where]): SchemaChange => ({ kind: "move", path: at, position: where })),
    fc.tuple(path, leaf).map(([at, to]): SchemaChange => ({ kind: "widen", path: at, type: to })),
    fc
      .tuple(path, fc.boolean())
      .map(([at, nullable]): SchemaChange => ({ kind: "set-nullable", path: at, nullable })),
    path.map((at): SchemaChange => ({ kind: "comment", path: at, comment: "why" })),
  );
};

/** The outcome, or undefined where the change is refused; any other failure is a fault. */
function tried(schema: Schema, change: SchemaChange): Schema | undefined {
  try {
    return applySchemaChanges(schema, [change]);
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^schema\./), remedy: expect.any(String) });
    return undefined;
  }
}

describe("any change of any schema", () => {
  const cases = schemas.chain((schema) => fc.tuple(fc.constant(schema), changes(schema)));

  test("gives no id twice, never one of a dropped field, and leaves all fields beside it alone", () => {
    fc.assert(
      fc.property(cases, ([before, change]) => {
        const after = tried(before, change);
        if (after === undefined) return;
        const ids = everything(after).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(Math.max(...ids, before.lastFieldId)).toBeLessThanOrEqual(after.lastFieldId);
        const known = new Map(everything(before).map((one) => [one.id, one]));
        for (const { id } of everything(after)) expect(known.has(id) || id > before.lastFieldId).toBe(true);
        for (const field of before.fields)
          if (field.name.toLowerCase() !== change.path[0]!.toLowerCase())
            expect(after.fields).toContain(field);
      }),
      { numRuns: 500 },
    );
  });

  test("a rename there and back is as if nothing had been", () => {
    fc.assert(
      fc.property(cases, name, ([before, { path }], to) => {
        const there = tried(before, { kind: "rename", path, to });
        if (there === undefined) return;
        const back: SchemaChange = { kind: "rename", path: [...path.slice(0, -1), to], to: path.at(-1)! };
        expect(applySchemaChanges(there, [back])).toEqual(before);
      }),
    );
  });

  test("a dropped field that is added again is a new one", () => {
    fc.assert(
      fc.property(cases, ([before, { path }]) => {
        const without = tried(before, { kind: "drop", path });
        if (without === undefined) return;
        const again = applySchemaChanges(without, [{ kind: "add", path, type: "string" }]);
        const { id } = everything(again).find((one) => one.path.join("\0") === path.join("\0"))!;
        expect(id).toBe(before.lastFieldId + 1);
      }),
    );
  });
});

const table: Schema = addFields({ fields: [], lastFieldId: 0 }, [
  { name: "id", type: "integer" },
  {
    name: "address",
    type: {
      kind: "struct",
      fields: [
        { id: 0, name: "street", type: "string", nullable: true },
        { id: 0, name: "city", type: "string", nullable: true },
      ],
    },
  },
  {
    name: "orders",
    type: {
      kind: "list",
      elementId: 0,
      elementNullable: true,
      element: { kind: "struct", fields: [{ id: 0, name: "price", type: "float", nullable: true }] },
    },
  },
  {
    name: "counts",
    type: { kind: "map", keyId: 0, key: "string", valueId: 0, value: "integer", valueNullable: true },
  },
]);

const names = (schema: Schema): string[] => everything(schema).map(({ path }) => path.join("."));

test("fields are added, ordered, renamed and dropped at any depth", () => {
  const after = applySchemaChanges(table, [
    { kind: "add", path: ["address", "zip"], type: "string", position: { after: "STREET" } },
    { kind: "add", path: ["orders", "element", "shop"], type: "string", comment: "where", position: "first" },
    { kind: "move", path: ["counts"], position: "first" },
    { kind: "rename", path: ["address", "street"], to: "line" },
    { kind: "drop", path: ["address", "city"] },
    { kind: "widen", path: ["counts", "value"], type: "long" },
    { kind: "widen", path: ["orders", "element", "price"], type: "double" },
  ]);
  expect(names(after)).toEqual([
    "counts",
    "counts.key",
    "counts.value",
    "id",
    "address",
    "address.line",
    "address.zip",
    "orders",
    "orders.element",
    "orders.element.shop",
    "orders.element.price",
  ]);
  expect(after.lastFieldId).toBe(table.lastFieldId + 2);
});

test.each<[SchemaChange, string, RegExp]>([
  [{ kind: "drop", path: ["none"] }, "schema.field_unknown", /has no none/],
  [{ kind: "drop", path: ["id", "x"] }, "schema.field_unknown", /field id has no x/],
  [{ kind: "drop", path: ["orders", "element"] }, "schema.change_impossible", /orders is a list/],
  [{ kind: "drop", path: ["orders", "element", "price"] }, "schema.change_impossible", /only field/],
  [{ kind: "rename", path: ["id"], to: "Address" }, "schema.bad_name", /taken/],
  [{ kind: "rename", path: ["id"], to: "address.city" }, "schema.bad_name", /dot/],
  [{ kind: "rename", path: ["counts", "value"], to: "v" }, "schema.change_impossible", /counts is a map/],
  [{ kind: "widen", path: ["counts", "key"], type: "binary" }, "schema.change_impossible", /key/],
  [{ kind: "widen", path: ["id"], type: "short" }, "schema.widen_impossible", /INTEGER.*SMALLINT/],
  [{ kind: "move", path: ["id"], position: { after: "id" } }, "schema.field_unknown", /no id/],
  [{ kind: "add", path: [""], type: "string" }, "schema.bad_name", /empty/],
  [{ kind: "add", path: [], type: "string" }, "schema.field_unknown", /path/],
])("%j is refused with %s", (change, code, message) => {
  expect(() => applySchemaChanges(table, [change])).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message), remedy: expect.any(String) }),
  );
});

test.each<[LogicalType, LogicalType, string | undefined]>([
  ["byte", "long", "promotion"],
  ["integer", "long", "promotion"],
  ["float", "double", "promotion"],
  ["integer", "double", "conversion"],
  ["long", "double", undefined],
  ["long", "integer", undefined],
  ["integer", "float", undefined],
  ["date", "timestamp_ntz", undefined],
  ["string", "binary", undefined],
  [{ kind: "decimal", precision: 9, scale: 2 }, { kind: "decimal", precision: 20, scale: 2 }, "promotion"],
  [{ kind: "decimal", precision: 9, scale: 2 }, { kind: "decimal", precision: 11, scale: 4 }, "conversion"],
  [{ kind: "decimal", precision: 9, scale: 2 }, { kind: "decimal", precision: 10, scale: 4 }, undefined],
  ["long", { kind: "decimal", precision: 20, scale: 0 }, "conversion"],
  ["long", { kind: "decimal", precision: 20, scale: 2 }, undefined],
])("%j to %j: %s", (from, to, how) => {
  expect(widening(from, to)).toBe(how);
});
