import { type Session, ident, literal } from "../../engine/index.ts";
import { newId } from "../../base/index.ts";
import { isTelling, textForms } from "./needles.ts";

/**
 * The values in tables of the session, so that they stand in no other statement: an engine quotes a statement in what it
 * says of an error.
 */
export interface ValueTables {
  /** Column `v`: each value. */
  readonly values: string;
  /** Column `v`: the forms in which a value may stand in a longer text. */
  readonly forms: string;
  drop(): Promise<void>;
}

export async function valueTables(session: Session, values: readonly string[]): Promise<ValueTables> {
  const id = newId().replaceAll("-", "");
  const [plain, forms] = [`onecopy_purge_${id}`, `onecopy_purge_forms_${id}`];
  const fill = async (name: string, texts: readonly string[]): Promise<void> => {
    await session.run(`CREATE TEMP TABLE ${ident(name)} (v VARCHAR)`);
    for (let i = 0; i < texts.length; i += 1000) {
      const rows = texts.slice(i, i + 1000).map((text) => `(${literal(text)})`);
      await session.run(`INSERT INTO ${ident(name)} VALUES ${rows.join(", ")}`);
    }
  };
  await fill(plain, values);
  await fill(forms, values.filter(isTelling).flatMap(textForms));
  return {
    values: ident(plain),
    forms: ident(forms),
    drop: async () => {
      await session.run(`DROP TABLE IF EXISTS ${ident(plain)}; DROP TABLE IF EXISTS ${ident(forms)}`);
    },
  };
}

/** True for rows in which a column is one of the values, whatever its type is; never null. */
export function isValue(column: string, type: string, { values }: ValueTables): string {
  const wanted = type === "VARCHAR" ? "v" : `TRY_CAST(v AS ${type})`;
  return `coalesce(${column} IN (SELECT ${wanted} FROM ${values} WHERE ${wanted} IS NOT NULL), false)`;
}

/** True for rows in which one of the values stands somewhere in a column; `undefined` for types that hold no text. */
export function holdsValue(column: string, type: string, { forms }: ValueTables): string | undefined {
  const text = textOf(column, type);
  if (text === undefined) return undefined;
  const needle = type === "BLOB" ? "hex(encode(v))" : "v";
  return `coalesce((SELECT bool_or(contains(${text}, ${needle})) FROM ${forms}), false)`;
}

function textOf(column: string, type: string): string | undefined {
  if (type === "VARCHAR") return column;
  if (type === "BLOB") return `hex(${column})`;
  return /VARCHAR|BLOB/.test(type) ? `CAST(to_json(${column}) AS VARCHAR)` : undefined;
}
