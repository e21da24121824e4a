import { OneCopyError } from "../../base/index.ts";
import { literal, type Session } from "../../engine/index.ts";

export interface JsonColumn {
  readonly name: string;
  /** JSON pointer (RFC 6901). */
  readonly pointer: string;
}

const deepest = 4;
const mostColumns = 2000;

/** The columns of JSON objects, in the order in which they first come; objects in objects are opened up. */
export async function jsonColumns(session: Session, lines: string): Promise<JsonColumn[]> {
  const found = await keysAt(session, lines, [], 1);
  if (found.length > mostColumns)
    throw new OneCopyError(
      "source.too_many_columns",
      `The objects have ${found.length} different keys; at most ${mostColumns} columns are taken.`,
    );
  return found.map((path) => ({ name: path.join("_"), pointer: pointerTo(path) }));
}

async function keysAt(
  session: Session,
  lines: string,
  parent: readonly string[],
  depth: number,
): Promise<string[][]> {
  const pointer = pointerTo(parent);
  const keys = parent.length === 0 ? "json_keys(line)" : `json_keys(line, ${literal(pointer)})`;
  const rows = await session.rows<{ k: string }>(
    `SELECT k FROM (SELECT unnest(keys) AS k, unnest(generate_series(1, len(keys))) AS i, _row
       FROM (SELECT _row, ${keys} AS keys FROM ${lines}))
     GROUP BY k ORDER BY min(_row), min(i) LIMIT ${mostColumns + 1}`,
  );
  const paths = rows.map(({ k }) => [...parent, k]);
  if (paths.length === 0 || paths.length > mostColumns || depth === deepest) return paths;
  const [isObject] = await session.rows<Record<string, boolean | null>>(
    `SELECT ${paths
      .map((path, i) => {
        const type = `json_type(line, ${literal(pointerTo(path))})`;
        return `bool_and(${type} = 'OBJECT') FILTER (${type} <> 'NULL') AS o${i}`;
      })
      .join(", ")} FROM ${lines}`,
  );
  const opened: string[][] = [];
  for (const [i, path] of paths.entries()) {
    const inner = isObject![`o${i}`] === true ? await keysAt(session, lines, path, depth + 1) : [];
    opened.push(...(inner.length > 0 ? inner : [path]));
  }
  return opened;
}

function pointerTo(path: readonly string[]): string {
  return path.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
