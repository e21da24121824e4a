import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Field,
  type LogicalType,
  type Schema,
  addFields,
  fieldIdsOf,
  isPromotion,
  mapIds,
  nameMapping,
  sameType,
  schemaOf,
  typeFromDelta,
  typeFromEngine,
  typeFromIceberg,
  typeToEngine,
  typeToIceberg,
  withFreshIds,
} from "../schema/index.ts";
import { schemaFromDelta, schemaToDelta } from "./delta/schema.ts";

const decimal = (precision: number, scale: number): LogicalType => ({ kind: "decimal", precision, scale });
const fieldName = fc.constantFrom(
  "a",
  "b c",
  'q"x',
  "Up",
  "a,b)",
  "žluť",
  "x.y",
  "element",
  "key",
  "__proto__",
);

/** Any type, with ids that are yet to be given. */
const { type: anyType } = fc.letrec<{ type: LogicalType; struct: LogicalType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<LogicalType>(
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
      decimal(9, 2),
      decimal(38, 38),
    ),
    fc.record({
      kind: fc.constant("list" as const),
      elementId: fc.constant(0),
      element: tie("type"),
      elementNullable: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant("map" as const),
      keyId: fc.constant(0),
      key: tie("type"),
      valueId: fc.constant(0),
      value: tie("type"),
      valueNullable: fc.boolean(),
    }),
    tie("struct"),
  ),
  struct: fc
    .uniqueArray(fc.tuple(fieldName, tie("type"), fc.boolean()), {
      minLength: 1,
      maxLength: 4,
      selector: ([name]) => name.toLowerCase(),
    })
    .map((fields) => ({
      kind: "struct",
      fields: fields.map(([name, type, nullable]) => ({ id: 0, name, type, nullable })),
    })),
}));
const schemas: fc.Arbitrary<Schema> = fc
  .uniqueArray(fc.tuple(fieldName, anyType), {
    minLength: 1,
    maxLength: 4,
    selector: ([name]) => name.toLowerCase(),
  })
  .map((columns) =>
    addFields(
      { fields: [], lastFieldId: 0 },
      columns.map(([name, type]) => ({ name, type })),
    ),
  );

function isField(value: unknown): value is Field {
  return typeof value === "object" && value !== null && "name" in value;
}

/** The fields of a struct, or of a list's. */
function structIn(type: LogicalType): readonly Field[] {
  const struct = typeof type === "object" && type.kind === "list" ? type.element : type;
  return (struct as { readonly fields: readonly Field[] }).fields;
}

describe("nested types", () => {
  test("both formats hold any of them, ids and all", () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        const root = { kind: "struct", fields: schema.fields } as const;
        const iceberg: unknown = JSON.parse(JSON.stringify(typeToIceberg(root)));
        // Iceberg has one integer of 32 bits.
        const wide = JSON.stringify(root).replaceAll(/"(byte|short)"/g, '"integer"');
        expect(typeFromIceberg(iceberg)).toEqual(JSON.parse(wide));
        const delta = schemaFromDelta("t", schemaToDelta(schema), {});
        expect(delta).toEqual({ ...schema, idsAreWritten: true });
        const engine = typeToEngine(root);
        // Keys of maps are held in 32 bits: a reader takes no smaller ones.
        const held = engine.replaceAll(/MAP\((TINYINT|SMALLINT), /g, "MAP(INTEGER, ");
        expect(typeToEngine(typeFromEngine(engine))).toBe(held);
      }),
    );
  });

  test("a mapped table keeps the names that its files have", () => {
    const properties = { "delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "90" };
    fc.assert(
      fc.property(schemas, ({ fields, lastFieldId }) => {
        const renamed = JSON.parse(
          JSON.stringify(fields, (key: string, value: unknown) =>
            isField(value) && key !== "" ? { ...value, physicalName: `col-${value.id}` } : value,
          ),
        ) as Field[];
        const schema = { fields: renamed, lastFieldId };
        const read = schemaFromDelta("t", schemaToDelta(schema, properties), properties);
        expect(read.fields).toEqual(renamed);
        expect(read.lastFieldId).toBe(Math.max(90, lastFieldId));
        expect(nameMapping(read).map(({ names }) => names)).toEqual(renamed.map(({ id }) => [`col-${id}`]));
      }),
    );
  });

  test("a promotion of itself, whatever its ids; fresh ones are all different", () => {
    fc.assert(
      fc.property(schemas, (schema) => {
        const root = { kind: "struct", fields: schema.fields } as const;
        const bare = mapIds(schema.fields, () => 0);
        expect(isPromotion(root, root)).toBe(true);
        expect(sameType(root, { kind: "struct", fields: bare })).toBe(true);
        let last = schema.lastFieldId;
        const fresh = withFreshIds(bare, () => ++last);
        const ids = fieldIdsOf(fresh);
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBe(last - schema.lastFieldId);
      }),
    );
  });

  test.each<[LogicalType, LogicalType, boolean]>([
    ["byte", "long", true],
    ["long", "integer", false],
    ["float", "double", true],
    ["integer", "double", false],
    [decimal(9, 2), decimal(20, 2), true],
    [decimal(9, 2), decimal(20, 3), false],
    ["timestamp", "timestamp_ntz", false],
    ["string", "binary", false],
  ])("%j to %j, also in a list, a map and a struct: %s", (from, to, promotes) => {
    const list = (element: LogicalType): LogicalType => ({
      kind: "list",
      elementId: 1,
      element,
      elementNullable: true,
    });
    const map = (value: LogicalType): LogicalType => ({
      kind: "map",
      keyId: 1,
      key: "string",
      valueId: 2,
      value,
      valueNullable: true,
    });
    const struct = (type: LogicalType): LogicalType => ({
      kind: "struct",
      fields: [{ id: 1, name: "a", type, nullable: true }],
    });
    for (const wrap of [(type: LogicalType) => type, list, map, struct])
      expect(isPromotion(wrap(from), wrap(to))).toBe(promotes);
  });

  test("what is nested without end is refused, and not followed", () => {
    let delta: unknown = "long";
    let iceberg: unknown = "long";
    for (let i = 0; i < 5000; i++) {
      delta = { type: "array", elementType: delta, containsNull: true };
      iceberg = { type: "list", "element-id": i, element: iceberg, "element-required": false };
    }
    expect(() => typeFromDelta(delta)).toThrow(/nested too deep/);
    expect(() => typeFromIceberg(iceberg)).toThrow(/nested too deep/);
    expect(() => schemaFromDelta("t", '{"type":"struct","fields":[{"name":1}]}', {})).toThrow(
      expect.objectContaining({ code: "table.log_damaged" }),
    );
  });

  test("fields of a foreign writer get ids next to those that are written", () => {
    const schema = schemaOf([{ name: "a", type: "STRUCT(x INTEGER)" }]);
    const text = schemaToDelta(schema).replace(
      '"fields":[{"name":"x"',
      '"fields":[{"name":"y","type":"long","nullable":true,"metadata":{}},{"name":"x"',
    );
    const read = schemaFromDelta("t", text, {});
    expect(read.idsAreWritten).toBe(false);
    expect(structIn(read.fields[0]!.type).map(({ name, id }) => [name, id])).toEqual([
      ["y", schema.lastFieldId + 1],
      ["x", structIn(schema.fields[0]!.type)[0]!.id],
    ]);
  });
});
