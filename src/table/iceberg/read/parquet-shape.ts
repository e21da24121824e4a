import { type Session, textList } from "../../../engine/index.ts";

/** A column of a Parquet file as its footer declares it, lists and maps without the groups that only frame them. */
export interface FileColumn {
  readonly name: string;
  readonly fieldId: number | undefined;
  /** `other`: a form that is not read; what it is stands in `engineType`. */
  readonly kind: "leaf" | "struct" | "list" | "map" | "other";
  /** Of a leaf: what the engine reads it as. */
  readonly engineType: string;
  /** A struct's fields; a list's element; a map's key and value. */
  readonly children: readonly FileColumn[];
}

/** What files have in common that were written alike. */
export interface FileShape {
  readonly columns: readonly FileColumn[];
}

interface SchemaNode {
  readonly name: string;
  readonly engine: string | null;
  readonly physical: string | null;
  readonly children: number | null;
  readonly id: number | null;
  readonly repetition: string | null;
  readonly converted: string | null;
  readonly logical: string | null;
}

const filesAtOnce = 1000;
const deepest = 100;

/**
 * The shapes of Parquet files, from their footers. `addresses` are as the engine takes them, the result is by the
 * address as it prints it (see `engineAddress`). Fails as the engine does, with `engine.query_failed`.
 */
export async function fileShapes(
  session: Session,
  addresses: readonly string[],
): Promise<Map<string, FileShape>> {
  const shapes = new Map<string, FileShape>();
  const known = new Map<string, FileShape>();
  for (let from = 0; from < addresses.length; from += filesAtOnce) {
    const rows = await session.rows<{ nodes: SchemaNode[]; files: string[] }>(
      `SELECT nodes, list(file_name) AS files FROM (
         SELECT file_name, list({name: name, engine: duckdb_type, physical: type, children: num_children, id: field_id,
           repetition: repetition_type, converted: converted_type, logical: logical_type} ORDER BY column_id) AS nodes
         FROM parquet_schema(${textList(addresses.slice(from, from + filesAtOnce))}) GROUP BY file_name
       ) GROUP BY nodes`,
    );
    for (const { nodes, files } of rows) {
      const key = JSON.stringify(nodes);
      const shape = known.get(key) ?? { columns: columnsOf(nodes) };
      known.set(key, shape);
      for (const file of files) shapes.set(file, shape);
    }
  }
  return shapes;
}

/** The nodes stand as in the file: each before its children. */
function columnsOf(nodes: readonly SchemaNode[]): FileColumn[] {
  let at = 0;
  const next = (depth: number): Parsed => {
    const node = nodes[at++];
    if (node === undefined || depth > deepest) throw new Error("the schema of a Parquet file is damaged");
    const children: Parsed[] = [];
    for (let i = 0; i < (node.children ?? 0); i++) children.push(next(depth + 1));
    return { node, children };
  };
  return next(0).children.map(columnOf);
}

interface Parsed {
  readonly node: SchemaNode;
  readonly children: readonly Parsed[];
}

function columnOf(parsed: Parsed): FileColumn {
  if (parsed.node.repetition === "REPEATED") return other(parsed, "a repeated column outside of a list");
  return single(parsed);
}

/** Parquet's LogicalTypes.md, "Nested Types", with the rules for files of old writers. */
function single(parsed: Parsed): FileColumn {
  const { node, children } = parsed;
  const named = { name: node.name, fieldId: node.id ?? undefined };
  if (node.physical !== null)
    return { ...named, kind: "leaf", engineType: node.engine ?? node.physical, children: [] };
  if (isList(node)) {
    const [repeated] = children;
    if (children.length !== 1 || repeated!.node.repetition !== "REPEATED") return other(parsed, "a list");
    return { ...named, kind: "list", engineType: "", children: [elementOf(node, repeated!)] };
  }
  if (isMap(node)) {
    const [entries] = children;
    if (children.length !== 1 || entries!.children.length !== 2) return other(parsed, "a map");
    return { ...named, kind: "map", engineType: "", children: entries!.children.map(columnOf) };
  }
  if (children.length === 0) return other(parsed, "a struct without fields");
  return { ...named, kind: "struct", engineType: "", children: children.map(columnOf) };
}

function elementOf(list: SchemaNode, repeated: Parsed): FileColumn {
  const { node, children } = repeated;
  const isElement =
    node.physical !== null ||
    children.length !== 1 ||
    node.name === "array" ||
    node.name === `${list.name}_tuple`;
  return isElement ? single(repeated) : columnOf(children[0]!);
}

function isList({ converted, logical }: SchemaNode): boolean {
  return converted === "LIST" || logical?.startsWith("ListType") === true;
}

function isMap({ converted, logical }: SchemaNode): boolean {
  return converted === "MAP" || converted === "MAP_KEY_VALUE" || logical?.startsWith("MapType") === true;
}

function other({ node }: Parsed, what: string): FileColumn {
  return {
    name: node.name,
    fieldId: node.id ?? undefined,
    kind: "other",
    engineType: `${what} (${node.converted ?? node.logical ?? "group"})`,
    children: [],
  };
}
