import { ident, type Session } from "../../engine/index.ts";
import { isDecimal, type LogicalType } from "../../schema/index.ts";
import { readHeader } from "../tag/header.ts";

/** Forms of text that are a value of a type without losing anything. */
const forms: readonly { readonly type: LogicalType; readonly is: (text: string) => string }[] = [
  { type: "long", is: (text) => `regexp_full_match(${text}, '0|-?[1-9][0-9]{0,17}')` },
  {
    type: "double",
    is: (text) =>
      `regexp_full_match(${text}, '-?(0|[1-9][0-9]{0,15})(\\.[0-9]{1,15})?([eE][-+]?[0-9]{1,2})?') AND length(${text}) <= 18`,
  },
  { type: "boolean", is: (text) => `lower(${text}) IN ('true', 'false')` },
  {
    type: "date",
    is: (text) =>
      `regexp_full_match(${text}, '[0-9]{4}-[0-9]{2}-[0-9]{2}') AND TRY_CAST(${text} AS DATE) IS NOT NULL AND NOT starts_with(${text}, '0000')`,
  },
  {
    type: "timestamp",
    is: (text) =>
      `regexp_full_match(${text}, '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,9})?)?( ?(Z|UTC|[-+][0-9]{2}(:?[0-9]{2})?))?')
       AND TRY_CAST(${text} AS TIMESTAMPTZ) IS NOT NULL AND NOT starts_with(${text}, '0000')`,
  },
];

/** Rows that give a first idea, which all rows then must bear out. */
const rowsTried = 20_000;

/**
 * The types of text columns, generous: whole numbers are `long`, fractions `double`; numbers with a leading zero,
 * and columns whose name speaks of a phone, a postal code, an identity number or a birth date, stay `string`, since
 * there a number would lose digits or refuse what people really write. Undefined for a column without a value.
 */
export async function inferTypes(
  session: Session,
  relation: string,
  columns: readonly { readonly name: string; readonly staged: string }[],
): Promise<(LogicalType | undefined)[]> {
  const types = columns.map((): LogicalType | undefined => undefined);
  let open = columns.flatMap(({ name, staged }, index) =>
    staysText(name) ? [] : [{ index, staged, candidates: forms }],
  );
  open = await tryForms(session, `(SELECT * FROM ${relation} LIMIT ${rowsTried})`, open);
  // Each round tries each column's first candidate on all rows, and gives up the ones that a row contradicts.
  while (open.length > 0) {
    const first = open.map((column) => ({ ...column, candidates: column.candidates.slice(0, 1) }));
    const held = new Set((await tryForms(session, relation, first)).map(({ index }) => index));
    for (const { index, candidates } of open) if (held.has(index)) types[index] = candidates[0]!.type;
    open = open
      .filter(({ index }) => !held.has(index))
      .map((column) => ({ ...column, candidates: column.candidates.slice(1) }))
      .filter(({ candidates }) => candidates.length > 0);
  }
  const untyped = columns.flatMap(({ staged }, index) =>
    types[index] === undefined ? [{ staged, index }] : [],
  );
  for (const index of await withValues(session, relation, untyped)) types[index] = "string";
  return types.map((type, index) => (type === "long" && isAmount(columns[index]!.name) ? "double" : type));
}

async function withValues(
  session: Session,
  relation: string,
  columns: readonly { readonly staged: string; readonly index: number }[],
): Promise<number[]> {
  if (columns.length === 0) return [];
  const tests = columns.map(
    ({ staged, index }) => `bool_or(trim(${ident(staged)}) <> '') AS ${ident(String(index))}`,
  );
  const [row] = await session.rows<Record<string, boolean | null>>(
    `SELECT ${tests.join(", ")} FROM ${relation}`,
  );
  return columns.map(({ index }) => index).filter((index) => row![String(index)] === true);
}

interface OpenColumn {
  readonly index: number;
  readonly staged: string;
  readonly candidates: typeof forms;
}

async function tryForms(
  session: Session,
  relation: string,
  open: readonly OpenColumn[],
): Promise<OpenColumn[]> {
  if (open.length === 0) return [];
  const tests = open.flatMap(({ index, staged, candidates }) => {
    const text = `trim(${ident(staged)})`;
    return candidates.map(
      ({ type, is }) =>
        `bool_and(${is(text)}) FILTER (${text} <> '') AS ${ident(`${index} ${String(type)}`)}`,
    );
  });
  const [row] = await session.rows<Record<string, boolean | null>>(
    `SELECT ${tests.join(", ")} FROM ${relation}`,
  );
  return open
    .map((column) => ({
      ...column,
      candidates: column.candidates.filter(({ type }) => row![`${column.index} ${String(type)}`] === true),
    }))
    .filter(({ candidates }) => candidates.length > 0);
}

function staysText(name: string): boolean {
  const header = readHeader(name);
  if (header === undefined || header === "foreign") return false;
  return ["phone", "postal", "national_id", "birthdate", "house_number", "address", "address2"].includes(
    header.meaning,
  );
}

/** An amount that is whole in one file has cents in the next. */
function isAmount(name: string): boolean {
  const header = readHeader(name);
  return header !== undefined && header !== "foreign" && header.meaning === "transaction_amount";
}

/** The type that holds the values of both; undefined is that of no value. */
export function commonType(a: LogicalType | undefined, b: LogicalType | undefined): LogicalType | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (JSON.stringify(a) === JSON.stringify(b)) return a;
  const pair = new Set([a, b].map((type) => (isDecimal(type) ? "double" : type)));
  if (pair.size === 1) return "double";
  if (pair.has("long") && pair.has("double")) return "double";
  if (pair.has("date") && pair.has("timestamp")) return "timestamp";
  return "string";
}
