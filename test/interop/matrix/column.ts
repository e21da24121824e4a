/** A column of the matrix's table: what it is called on the page, its name, its engine type, and its values in four rows. */
export interface MatrixColumn {
  readonly type: string;
  readonly name: string;
  readonly engineType: string;
  readonly values: readonly [string, string, string, string];
  /** Set where the engine's type stands for another one by default. */
  readonly logicalType?: "timestamp_ntz";
}

const column = (
  type: string,
  name: string,
  engineType: string,
  ...values: MatrixColumn["values"]
): MatrixColumn => ({ type, name, engineType, values });

/** Every logical type, with the values that break readers. `k` finds a row again. */
export const columns: readonly MatrixColumn[] = [
  column("long (key)", "k", "BIGINT", "1", "2", "3", "4"),
  column("boolean", "bo", "BOOLEAN", "true", "false", "NULL", "true"),
  column("byte", "by", "TINYINT", "-128", "127", "NULL", "0"),
  column("short", "sh", "SMALLINT", "-32768", "32767", "NULL", "0"),
  column("integer", "i", "INTEGER", "-2147483648", "2147483647", "NULL", "0"),
  column("long", "l", "BIGINT", "-9223372036854775808", "9223372036854775807", "NULL", "9007199254740993"),
  column("float", "f", "FLOAT", "'nan'", "'-inf'", "NULL", "1.5"),
  column("double", "d", "DOUBLE", "'inf'", "'-0.0'", "NULL", "1e-300"),
  column("double with NaN", "nn", "DOUBLE", "'nan'", "1e300", "NULL", "0"),
  column("decimal(9, 2)", "d9", "DECIMAL(9,2)", "-9999999.99", "9999999.99", "NULL", "0.01"),
  column(
    "decimal(18, 4)",
    "d18",
    "DECIMAL(18,4)",
    "-99999999999999.9999",
    "99999999999999.9999",
    "NULL",
    "-0.0001",
  ),
  column(
    "decimal(38, 10)",
    "d38",
    "DECIMAL(38,10)",
    "-9999999999999999999999999999.9999999999",
    "9999999999999999999999999999.9999999999",
    "NULL",
    "0.0000000001",
  ),
  column("string", "s", "VARCHAR", "''", `'žluť 🐎 '' " \\ %2F'`, "NULL", "repeat('🐎', 40)"),
  column(
    "long string",
    "long text",
    "VARCHAR",
    "repeat('z', 1000)",
    "repeat(chr(1114111), 20)",
    "NULL",
    "chr(55295) || repeat('x', 40)",
  ),
  column("binary", "b", "BLOB", "''::BLOB", "'\\x00\\xFF'::BLOB", "NULL", "'a'::BLOB"),
  column("date", "dt", "DATE", "'0001-01-01'", "'9999-12-31'", "NULL", "'1582-10-10'"),
  column(
    "timestamp",
    "ts",
    "TIMESTAMPTZ",
    "'0001-01-01 00:00:00+00'",
    "'9999-12-31 23:59:59.999999+00'",
    "NULL",
    "'1969-12-31 23:59:59.000001+00'",
  ),
  column("uuid, as string", "u", "UUID", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "NULL", "NULL", "NULL"),
  column("time, as string", "t", "TIME", "'10:00:01.5'", "NULL", "NULL", "'23:59:59.999999'"),
  column("unsigned 64 bits, as decimal(20)", "ub", "UBIGINT", "0", "18446744073709551615", "NULL", "1"),
  column("list<long>", "ll", "BIGINT[]", "[1, NULL, 3]", "[]", "NULL", "[9223372036854775807]"),
  column("list<list<string>>", "lls", "VARCHAR[][]", "[['a', NULL], [], NULL]", "[]", "NULL", "[['ž']]"),
  column(
    "list<struct>",
    "lst",
    "STRUCT(a BIGINT, b VARCHAR)[]",
    "[{'a': 1, 'b': 'x'}, NULL, {'a': NULL, 'b': ''}]",
    "[]",
    "NULL",
    "[{'a': 2, 'b': NULL}]",
  ),
  column(
    "map<string, long>",
    "m",
    "MAP(VARCHAR, BIGINT)",
    "MAP {'a': 1, '': NULL}",
    "MAP {}",
    "NULL",
    "MAP {'ž': 3}",
  ),
  column(
    "map<string, struct>",
    "mst",
    "MAP(VARCHAR, STRUCT(x DOUBLE))",
    "MAP {'a': {'x': 1.5}, 'b': NULL}",
    "MAP {}",
    "NULL",
    "MAP {'ž': {'x': NULL}}",
  ),
  column(
    "struct",
    "st",
    "STRUCT(a BIGINT, s STRUCT(ts TIMESTAMPTZ, d DECIMAL(18,4)), l BIGINT[])",
    "{'a': 1, 's': {'ts': TIMESTAMPTZ '2020-01-01 00:00:00.000001+00', 'd': 1.5}, 'l': [1]}",
    "{'a': NULL, 's': NULL, 'l': []}",
    "NULL",
    "{'a': 4, 's': {'ts': NULL, 'd': NULL}, 'l': NULL}",
  ),
];

/** Lifts the Delta protocol for the whole table, so it is in a table of its own. */
export const zoneless: MatrixColumn = {
  ...column(
    "timestamp without zone",
    "n",
    "TIMESTAMP",
    "'0001-01-01 00:00:00'",
    "'9999-12-31 23:59:59.999999'",
    "NULL",
    "'1969-12-31 23:59:59.000001'",
  ),
  logicalType: "timestamp_ntz",
};

/** Rows of the table, by number from 0, as a query. */
export function rowsQuery(of: readonly MatrixColumn[], ...rows: readonly number[]): string {
  return rows
    .map((row) => {
      const values = of.map((one) => `CAST(${one.values[row]!} AS ${one.engineType}) AS "${one.name}"`);
      return `SELECT ${values.join(", ")}`;
    })
    .join(" UNION ALL ");
}
