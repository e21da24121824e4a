/** A column's name, its type in the engine, and its values as SQL and as canonical texts (canonical.py). */
export type ValueColumn = readonly [
  name: string,
  type: string,
  values: readonly (readonly [sql: string, text: string | null])[],
];

/** Of every type, with its extremes; four rows. */
export const scalarColumns: readonly ValueColumn[] = [
  [
    "bo",
    "BOOLEAN",
    [
      ["true", "true"],
      ["false", "false"],
      ["NULL", null],
      ["true", "true"],
    ],
  ],
  [
    "by",
    "TINYINT",
    [
      ["-128", "-128"],
      ["127", "127"],
      ["NULL", null],
      ["0", "0"],
    ],
  ],
  [
    "sh",
    "SMALLINT",
    [
      ["-32768", "-32768"],
      ["32767", "32767"],
      ["NULL", null],
      ["0", "0"],
    ],
  ],
  [
    "i",
    "INTEGER",
    [
      ["-2147483648", "-2147483648"],
      ["2147483647", "2147483647"],
      ["NULL", null],
      ["0", "0"],
    ],
  ],
  [
    "l",
    "BIGINT",
    [
      ["-9223372036854775808", "-9223372036854775808"],
      ["9223372036854775807", "9223372036854775807"],
      ["NULL", null],
      ["9007199254740993", "9007199254740993"],
    ],
  ],
  [
    "f",
    "FLOAT",
    [
      ["'nan'", "nan"],
      ["'-inf'", "-inf"],
      ["NULL", null],
      ["1.5", "1.5"],
    ],
  ],
  [
    "d",
    "DOUBLE",
    [
      ["'inf'", "inf"],
      ["'-0.0'", "-0.0"],
      ["NULL", null],
      ["1e-300", "1e-300"],
    ],
  ],
  [
    "nn",
    "DOUBLE",
    [
      ["'nan'", "nan"],
      ["1e300", "1e+300"],
      ["NULL", null],
      ["0", "0.0"],
    ],
  ],
  [
    "d9",
    "DECIMAL(9,2)",
    [
      ["-9999999.99", "-9999999.99"],
      ["9999999.99", "9999999.99"],
      ["NULL", null],
      ["0.01", "0.01"],
    ],
  ],
  [
    "d18",
    "DECIMAL(18,4)",
    [
      ["-99999999999999.9999", "-99999999999999.9999"],
      ["99999999999999.9999", "99999999999999.9999"],
      ["NULL", null],
      ["-0.0001", "-0.0001"],
    ],
  ],
  [
    "d38",
    "DECIMAL(38,10)",
    [
      ["-9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999"],
      ["9999999999999999999999999999.9999999999", "9999999999999999999999999999.9999999999"],
      ["NULL", null],
      ["0.0000000001", "0.0000000001"],
    ],
  ],
  [
    "s",
    "VARCHAR",
    [
      ["''", ""],
      ["'žluť 🐎 '' \" \\ %2F'", "žluť 🐎 ' \" \\ %2F"],
      ["NULL", null],
      [`repeat('🐎', 40)`, "🐎".repeat(40)],
    ],
  ],
  [
    "long text",
    "VARCHAR",
    [
      ["repeat('z', 1000)", "z".repeat(1000)],
      ["repeat(chr(1114111), 20)", "\u{10ffff}".repeat(20)],
      ["NULL", null],
      ["chr(55295) || repeat('x', 40)", `\ud7ff${"x".repeat(40)}`],
    ],
  ],
  [
    "b",
    "BLOB",
    [
      ["''::BLOB", ""],
      ["'\\x00\\xFF'::BLOB", "00ff"],
      ["NULL", null],
      ["'a'::BLOB", "61"],
    ],
  ],
  [
    "dt",
    "DATE",
    [
      ["'0001-01-01'", "0001-01-01"],
      ["'9999-12-31'", "9999-12-31"],
      ["NULL", null],
      ["'1582-10-10'", "1582-10-10"],
    ],
  ],
  [
    "ts",
    "TIMESTAMPTZ",
    [
      ["'0001-01-01 00:00:00+00'", "0001-01-01T00:00:00.000000"],
      ["'9999-12-31 23:59:59.999999+00'", "9999-12-31T23:59:59.999999"],
      ["NULL", null],
      ["'1969-12-31 23:59:59.000001+00'", "1969-12-31T23:59:59.000001"],
    ],
  ],
];

/** Lists, maps and structs in each other, with nulls and empties; four rows. */
export const nestedColumns: readonly ValueColumn[] = [
  [
    "id",
    "BIGINT",
    [
      ["0", "0"],
      ["1", "1"],
      ["2", "2"],
      ["3", "3"],
    ],
  ],
  [
    "li",
    "VARCHAR[]",
    [
      ["['a', NULL, '']", '["a",null,""]'],
      ["[]", "[]"],
      ["NULL", null],
      ["[repeat('z', 100)]", `["${"z".repeat(100)}"]`],
    ],
  ],
  [
    "m",
    "MAP(VARCHAR, DECIMAL(9,2))",
    [
      ["MAP {'k': 1.5, '': NULL}", '[["",null],["k","1.50"]]'],
      ["MAP {}", "[]"],
      ["NULL", null],
      ["MAP {'z': -9999999.99}", '[["z","-9999999.99"]]'],
    ],
  ],
  [
    "st",
    'STRUCT(a INTEGER, "b c" VARCHAR, t TIMESTAMPTZ, n STRUCT(d DOUBLE, x BLOB))',
    [
      [
        "{'a': 1, 'b c': 'x', 't': '2020-01-01 00:00:00.123456+00', 'n': {'d': 'nan', 'x': '\\xFF'}}",
        '{"a":"1","b c":"x","t":"2020-01-01T00:00:00.123456","n":{"d":"nan","x":"ff"}}',
      ],
      ["{'a': NULL, 'b c': NULL, 't': NULL, 'n': NULL}", '{"a":null,"b c":null,"t":null,"n":null}'],
      ["NULL", null],
      [
        "{'a': -5, 'b c': 'y', 't': '9999-12-31 23:59:59.999999+00', 'n': {'d': -1.5, 'x': ''}}",
        '{"a":"-5","b c":"y","t":"9999-12-31T23:59:59.999999","n":{"d":"-1.5","x":""}}',
      ],
    ],
  ],
  [
    "ls",
    "STRUCT(a INTEGER, b VARCHAR)[]",
    [
      ["[{'a': 1, 'b': 'x'}, NULL, {'a': NULL, 'b': NULL}]", '[{"a":"1","b":"x"},null,{"a":null,"b":null}]'],
      ["[]", "[]"],
      ["NULL", null],
      ["[NULL]", "[null]"],
    ],
  ],
  [
    "ms",
    "MAP(INTEGER, STRUCT(a DATE, l BIGINT[]))",
    [
      ["MAP {1: {'a': '2020-01-01', 'l': [1, NULL]}}", '[["1",{"a":"2020-01-01","l":["1",null]}]]'],
      ["MAP {}", "[]"],
      ["NULL", null],
      ["MAP {-1: NULL}", '[["-1",null]]'],
    ],
  ],
  [
    "deep",
    "STRUCT(l STRUCT(m MAP(VARCHAR, BOOLEAN[]))[])",
    [
      ["{'l': [{'m': MAP {'k': [true, NULL]}}]}", '{"l":[{"m":[["k",["true",null]]]}]}'],
      ["{'l': []}", '{"l":[]}'],
      ["NULL", null],
      ["{'l': [NULL, {'m': NULL}]}", '{"l":[null,{"m":null}]}'],
    ],
  ],
];

/** A query for each row of columns, and the texts of all rows. */
export function rowsOf(columns: readonly ValueColumn[]): {
  readonly queries: string[];
  readonly rows: (string | null)[][];
} {
  const at = columns[0]![2].map((_, r) => r);
  const cell = ([name, type, values]: ValueColumn, r: number): string =>
    `CAST(${values[r]![0]} AS ${type}) AS "${name}"`;
  return {
    queries: at.map((r) => `SELECT ${columns.map((column) => cell(column, r)).join(", ")}`),
    rows: at.map((r) => columns.map(([, , values]) => values[r]![1])),
  };
}
