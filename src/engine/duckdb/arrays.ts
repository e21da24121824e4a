import {
  DOUBLE,
  DuckDBBigIntVector,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBDoubleVector,
  DuckDBFloatVector,
  DuckDBIntegerVector,
  type DuckDBMaterializedResult,
  DuckDBTypeId,
  INTEGER,
} from "@duckdb/node-api";
import { OneCopyError } from "../../base/index.ts";
import { ident } from "../dialect/quote.ts";
import type { LoadedColumn, NumberColumn } from "../session.ts";

/** Copies a result's columns into typed arrays, vector by vector, with no JavaScript value per row. */
export function numberColumns(result: DuckDBMaterializedResult): Record<string, NumberColumn> {
  const columns = result.deduplicatedColumnNames().map((name, index) => ({
    name,
    index,
    array: allocate(name, result.columnTypeId(index), result.rowCount),
  }));
  let row = 0;
  for (let i = 0; i < result.chunkCount; i++) {
    const chunk = result.getChunk(i);
    for (const { name, index, array } of columns) {
      const vector = chunk.getColumnVector(index);
      const { items, validity } = numbersOf(vector);
      // No mask: nothing is null.
      for (let j = 0; validity.data !== null && j < chunk.rowCount; j++) {
        if (!validity.itemValid(j))
          throw new OneCopyError("engine.null_number", `Column ${name} holds a null; arrays() takes none.`, {
            remedy: "Leave such rows out, or COALESCE the column in the query.",
          });
      }
      array.set(items.subarray(0, chunk.rowCount) as never, row);
    }
    row += chunk.rowCount;
  }
  return Object.fromEntries(columns.map(({ name, array }) => [name, array]));
}

/** A vector's size. */
const rowsOfChunk = 2048;

/** The other way: typed arrays become a temporary table, vector by vector. */
export async function load(
  connection: DuckDBConnection,
  table: string,
  columns: Readonly<Record<string, LoadedColumn>>,
): Promise<void> {
  const arrays = Object.values(columns);
  const types = arrays.map((array) => (array instanceof Int32Array ? INTEGER : DOUBLE));
  const named = Object.keys(columns).map((name, i) => `${ident(name)} ${types[i]!.toString()}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${table} (${named.join(", ")})`);
  const rows = arrays[0]!.length;
  const appender = await connection.createAppender(table);
  try {
    for (let from = 0; from < rows; from += rowsOfChunk) {
      const chunk = DuckDBDataChunk.create(types, Math.min(rowsOfChunk, rows - from));
      for (const [i, array] of arrays.entries()) {
        const vector = chunk.getColumnVector(i);
        numbersOf(vector).items.set(array.subarray(from, from + chunk.rowCount) as never);
        vector.flush();
      }
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
  }
}

function allocate(name: string, type: DuckDBTypeId, length: number): NumberColumn {
  switch (type) {
    case DuckDBTypeId.INTEGER:
      return new Int32Array(length);
    case DuckDBTypeId.BIGINT:
      return new BigInt64Array(length);
    case DuckDBTypeId.FLOAT:
      return new Float32Array(length);
    case DuckDBTypeId.DOUBLE:
      return new Float64Array(length);
    default:
      throw new OneCopyError(
        "engine.not_a_number_column",
        `Column ${name} is ${DuckDBTypeId[type]}; arrays() takes INTEGER, BIGINT, FLOAT, DOUBLE.`,
        {
          remedy: "CAST the column in the query.",
        },
      );
  }
}

/** The binding keeps a vector's memory private; reading it directly is what makes this fast. */
interface NumberVector {
  readonly items: NumberColumn;
  readonly validity: { readonly data: BigUint64Array | null; itemValid(index: number): boolean };
}

function numbersOf(vector: unknown): NumberVector {
  if (
    vector instanceof DuckDBIntegerVector ||
    vector instanceof DuckDBBigIntVector ||
    vector instanceof DuckDBFloatVector ||
    vector instanceof DuckDBDoubleVector
  ) {
    return vector as unknown as NumberVector;
  }
  throw new OneCopyError(
    "engine.not_a_number_column",
    "An unexpected vector type came back from the engine.",
  );
}
