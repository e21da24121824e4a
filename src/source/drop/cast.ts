import { ident, literal } from "../../engine/index.ts";
import {
  isDecimal,
  isPrimitive,
  type LogicalType,
  typeFromEngine,
  typeToEngine,
} from "../../schema/index.ts";
import type { StageColumn } from "./stage.ts";

/** How a staged column becomes a column of the table. */
export interface Cast {
  /** SQL of the value; null where it is blank, or does not fit. */
  readonly value: string;
  /** SQL that is true where a value is there and does not fit without loss; undefined where every value fits. */
  readonly misfit: string | undefined;
}

/** Times without a zone are taken to be in `timezone`. */
export function castTo(column: StageColumn, type: LogicalType, timezone: string): Cast {
  const staged = ident(column.staged);
  if (column.engineType === "VARCHAR") {
    const cast = castText(staged, type, timezone);
    // Inference has borne the type out on every row already.
    return type !== "string" && column.type === type ? { ...cast, misfit: undefined } : cast;
  }
  if (/^TIMESTAMP(?:_\w+)?$/.test(column.engineType) && type === "timestamp")
    return { value: `CAST(${staged} AS TIMESTAMP) AT TIME ZONE ${literal(timezone)}`, misfit: undefined };
  const native = nativeType(column.engineType);
  if (native !== undefined && JSON.stringify(native) === JSON.stringify(type))
    return { value: `CAST(${staged} AS ${typeToEngine(type)})`, misfit: undefined };
  if (type === "string") return { value: asText(column), misfit: undefined };
  const value = `TRY_CAST(${staged} AS ${typeToEngine(type)})`;
  return {
    value,
    misfit: `${staged} IS NOT NULL AND (TRY_CAST(${value} AS ${column.engineType}) IS DISTINCT FROM ${staged})`,
  };
}

function castText(staged: string, type: LogicalType, timezone: string): Cast {
  if (type === "string") return { value: staged, misfit: `contains(${staged}, chr(0))` };
  const text = `nullif(trim(${staged}), '')`;
  switch (type) {
    case "timestamp": {
      // A time that names its zone is an instant; the others are clocks on a wall in the source's zone.
      const zoned = `regexp_matches(${text}, '(Z|UTC|[-+][0-9]{2}(:?[0-9]{2})?)$') AND length(${text}) > 10`;
      const value = `CASE WHEN ${zoned} THEN TRY_CAST(${text} AS TIMESTAMPTZ) ELSE TRY_CAST(${text} AS TIMESTAMP) AT TIME ZONE ${literal(timezone)} END`;
      return {
        value,
        misfit: `${text} IS NOT NULL AND ((${value}) IS NULL OR NOT isfinite(${value}) OR year(${value}) NOT BETWEEN 1 AND 9999)`,
      };
    }
    case "long":
    case "integer":
    case "short":
    case "byte":
    case "date": {
      // There and back again: 1.5 would be rounded, 007 would lose its zeros.
      const value = `TRY_CAST(${text} AS ${typeToEngine(type)})`;
      return { value, misfit: `${text} IS NOT NULL AND CAST(${value} AS VARCHAR) IS DISTINCT FROM ${text}` };
    }
    case "binary":
      return { value: `encode(${staged})`, misfit: undefined };
    default: {
      const value = `TRY_CAST(${text} AS ${typeToEngine(type)})`;
      const exact = isDecimal(type)
        ? ` OR CAST(${value} AS DOUBLE) IS DISTINCT FROM TRY_CAST(${text} AS DOUBLE)`
        : "";
      return { value, misfit: `${text} IS NOT NULL AND (${value} IS NULL${exact})` };
    }
  }
}

/**
 * The logical type of an engine type; undefined for lists, structs, maps and others that are kept as text. Nested values
 * would fit a table, but not the next file: one more field in a struct is another type, to which no value can be widened
 * in a load, so rows of it would be rejected. As text they lose nothing, whatever a later file holds.
 */
export function nativeType(engineType: string): LogicalType | undefined {
  try {
    const type = typeFromEngine(engineType);
    return isPrimitive(type) ? type : undefined;
  } catch {
    return undefined;
  }
}

function asText(column: StageColumn): string {
  const isNested = /[[(]/.test(column.engineType) && !/^(?:DECIMAL|ENUM)/.test(column.engineType);
  return isNested
    ? `CAST(to_json(${ident(column.staged)}) AS VARCHAR)`
    : `CAST(${ident(column.staged)} AS VARCHAR)`;
}
