import fc from "fast-check";

/** A type as the engine writes it, with a way to values of it. */
export type Type =
  | { readonly kind: "leaf"; readonly sql: string; readonly values: readonly Value[] }
  | { readonly kind: "list"; readonly element: Type }
  | { readonly kind: "map"; readonly key: Type; readonly value: Type }
  | { readonly kind: "struct"; readonly fields: readonly { readonly name: string; readonly type: Type }[] };

/** A value that is there, in SQL and as what canonical.py makes of it: nested ones as JSON. */
export interface Value {
  readonly sql: string;
  readonly plain: Plain;
}
export type Plain = string | null | readonly Plain[] | { readonly [name: string]: Plain };

function leaf(sql: string, ...values: (readonly [sql: string, plain: string])[]): Type {
  return { kind: "leaf", sql, values: values.map(([one, plain]) => ({ sql: `${one}::${sql}`, plain })) };
}

const text = (value: string): readonly [string, string] => [`'${value.replaceAll("'", "''")}'`, value];
const number = (value: string): readonly [string, string] => [`'${value}'`, value];
const longest = "ž".repeat(10_000);

/** Where formats, and readers of them, have their edges. */
const leaves: readonly Type[] = [
  leaf("BOOLEAN", ["true", "true"], ["false", "false"]),
  leaf("TINYINT", ...["-128", "127", "0"].map(number)),
  leaf("SMALLINT", ...["-32768", "32767", "1"].map(number)),
  leaf("INTEGER", ...["-2147483648", "2147483647", "0"].map(number)),
  leaf("BIGINT", ...["-9223372036854775808", "9223372036854775807", "9007199254740993"].map(number)),
  leaf(
    "FLOAT",
    ...["nan", "inf", "-inf", "0.0", "-0.0", "1.5"].map(number),
    ["'3.4028235e38'", "3.4028234663852886e+38"],
    ["'1e-45'", "1.401298464324817e-45"],
  ),
  leaf(
    "DOUBLE",
    ...["nan", "inf", "-inf", "0.0", "-0.0", "-1.5", "5e-324", "1.7976931348623157e+308"].map(number),
  ),
  leaf("DECIMAL(38,0)", ...[`-${"9".repeat(38)}`, "9".repeat(38), "0"].map(number)),
  leaf("DECIMAL(38,37)", ...[`-9.${"9".repeat(37)}`, `0.${"0".repeat(36)}1`].map(number)),
  leaf("DECIMAL(18,4)", ...["-99999999999999.9999", "0.0001"].map(number)),
  leaf("DECIMAL(9,2)", ...["9999999.99", "-0.01"].map(number)),
  leaf("DECIMAL(1,1)", ...["0.9", "-0.9", "0.0"].map(number)),
  leaf(
    "VARCHAR",
    ...[
      "",
      " ",
      "a",
      longest,
      "žluť 🐎",
      "\u{10ffff}".repeat(40),
      "\ud7ff\ue000",
      "\ufffd",
      "NULL",
      "a\u0001b",
    ].map(text),
  ),
  leaf(
    "BLOB",
    ["''", ""],
    ["'\\xFF\\xFE\\x00'", "fffe00"],
    ["'\\xC3\\x28'", "c328"],
    ["'a'", "61"],
    ["repeat('\\xAB'::BLOB, 10000)", "ab".repeat(10_000)],
  ),
  leaf("DATE", ...["0001-01-01", "1582-10-10", "1969-12-31", "9999-12-31"].map(number)),
  leaf(
    "TIMESTAMPTZ",
    ...[
      "0001-01-01T00:00:00.000000",
      "1582-10-10T12:00:00.000001",
      "1969-12-31T23:59:59.999999",
      "2020-01-01T00:00:00.123456",
      "9999-12-31T23:59:59.999999",
    ].map((at): readonly [string, string] => [`'${at}+00'`, at]),
  ),
];

/** Of a map: what compares as what it is. */
const keys = leaves.filter((type) => type.kind === "leaf" && !["FLOAT", "DOUBLE", "BLOB"].includes(type.sql));
const names = ["a", "B", "c d", "ž", "select", "x.y"] as const;

const { type } = fc.letrec<{ type: Type; nested: Type }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthSize: "max", withCrossShrink: true },
    fc.constantFrom(...leaves),
    tie("nested"),
  ),
  nested: fc.oneof(
    tie("type").map((element): Type => ({ kind: "list", element })),
    fc
      .tuple(fc.constantFrom(...keys), tie("type"))
      .map(([key, value]): Type => ({ kind: "map", key, value })),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom(...names), tie("type")), {
        selector: ([name]) => name,
        minLength: 1,
        maxLength: 3,
      })
      .map((fields): Type => ({ kind: "struct", fields: fields.map(([name, of]) => ({ name, type: of })) })),
  ),
}));

export function sqlType(of: Type): string {
  switch (of.kind) {
    case "leaf":
      return of.sql;
    case "list":
      return `${sqlType(of.element)}[]`;
    case "map":
      return `MAP(${sqlType(of.key)}, ${sqlType(of.value)})`;
    case "struct":
      return `STRUCT(${of.fields.map((field) => `"${field.name}" ${sqlType(field.type)}`).join(", ")})`;
  }
}

/** A value or null. */
function valueOf(of: Type): fc.Arbitrary<Value> {
  const none: Value = { sql: `NULL::${sqlType(of)}`, plain: null };
  return fc.oneof({ weight: 1, arbitrary: fc.constant(none) }, { weight: 4, arbitrary: presentOf(of) });
}

function presentOf(of: Type): fc.Arbitrary<Value> {
  switch (of.kind) {
    case "leaf":
      return fc.constantFrom(...of.values);
    case "list":
      return fc.array(valueOf(of.element), { maxLength: 3 }).map((items) => ({
        sql: `[${items.map(({ sql }) => sql).join(", ")}]::${sqlType(of)}`,
        plain: items.map(({ plain }) => plain),
      }));
    case "map":
      return fc
        .uniqueArray(fc.tuple(presentOf(of.key), valueOf(of.value)), {
          selector: ([key]) => key.plain as string,
          maxLength: 3,
        })
        .map((entries) => ({
          sql: `map_from_entries([${entries.map(([key, value]) => `{'key': ${key.sql}, 'value': ${value.sql}}`).join(", ")}]::STRUCT("key" ${sqlType(of.key)}, "value" ${sqlType(of.value)})[])`,
          plain: entries
            .map(([key, value]) => [key.plain, value.plain] as const)
            .sort(([a], [b]) => (ascii(a) < ascii(b) ? -1 : 1)),
        }));
    case "struct":
      return fc.tuple(...of.fields.map((field) => valueOf(field.type))).map((values) => ({
        sql: `{${of.fields.map(({ name }, i) => `"${name}": ${values[i]!.sql}`).join(", ")}}`,
        plain: Object.fromEntries(of.fields.map(({ name }, i) => [name, values[i]!.plain])),
      }));
  }
}

/** As canonical.py sorts entries: by their text in Python's JSON. */
function ascii(plain: Plain): string {
  return JSON.stringify(plain).replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export interface RandomTable {
  readonly columns: readonly { readonly name: string; readonly type: Type }[];
  readonly rows: readonly (readonly Value[])[];
}

export const randomTable: fc.Arbitrary<RandomTable> = fc
  .array(type, { minLength: 1, maxLength: 4 })
  .chain((types) =>
    fc.array(fc.tuple(...types.map(valueOf)), { minLength: 1, maxLength: 5 }).map((rows) => ({
      columns: types.map((of, i) => ({ name: `c${i}`, type: of })),
      rows,
    })),
  );

/** The fields of structs and the columns that hold one value a row, with what it is in each row. */
export interface LeafColumn {
  readonly path: readonly string[];
  readonly type: Extract<Type, { kind: "leaf" }>;
}

export function leafColumns({ columns }: RandomTable): LeafColumn[] {
  const of = (path: readonly string[], one: Type): LeafColumn[] => {
    if (one.kind === "leaf") return [{ path, type: one }];
    return one.kind === "struct" ? one.fields.flatMap((field) => of([...path, field.name], field.type)) : [];
  };
  return columns.flatMap(({ name, type: one }) => of([name], one));
}
