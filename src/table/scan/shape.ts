import type { Session } from "../../engine/index.ts";
import { type Field, physicalName } from "../../schema/index.ts";
import type { Store } from "../../storage/index.ts";
import type { DataFile } from "../snapshot.ts";
import { fileAddresses, fileList } from "./file-list.ts";

/** What a column looks like inside a file. */
export interface Shape {
  /** The element of a list; key and value of a map. */
  readonly items?: readonly Shape[];
  /** The field of a struct, by its id, or by its name in a file without ids. */
  child(field: Field): { readonly name: string; readonly shape: Shape } | undefined;
  /** The name of any field. */
  readonly first: string | undefined;
}

/** A column's shape in a file; `undefined`: the file lacks it. */
export type ShapeOf = (field: Field) => Shape | undefined;

interface Node {
  readonly name: string;
  readonly id: number | null;
  readonly children: number | null;
  readonly repeated: boolean;
}

interface Tree extends Node {
  readonly of: readonly Tree[];
}

/** Groups files of the same shape, as their footers tell it. */
export async function byShape(
  session: Session,
  store: Store,
  folder: string,
  files: readonly DataFile[],
): Promise<{ files: DataFile[]; shape: ShapeOf }[]> {
  const found = await session.rows<{ nodes: Node[]; names: string[] }>(
    `SELECT nodes, list(file_name) AS names FROM (
       SELECT file_name, list({'name': name, 'id': field_id, 'children': num_children, 'repeated': repetition_type = 'REPEATED'} ORDER BY column_id) AS nodes
       FROM parquet_schema(${await fileList(session, store, folder, files)}) GROUP BY file_name)
     GROUP BY nodes`,
  );
  const names = await fileAddresses(session, store, folder, files);
  const byName = new Map(files.map((file, i) => [names[i]!, file]));
  return found.map(({ nodes, names: members }) => ({
    files: members.map((name) => byName.get(name)!),
    shape: (field) => shapeOfChild(treeOf(nodes), field)?.shape,
  }));
}

/** The nodes stand depth first. */
function treeOf(nodes: readonly Node[]): Tree {
  let at = 0;
  const next = (): Tree => {
    const node = nodes[at++]!;
    return { ...node, of: Array.from({ length: node.children ?? 0 }, next) };
  };
  return next();
}

function shapeOf(node: Tree): Shape {
  return {
    ...(itemsOf(node) === undefined ? {} : { items: itemsOf(node)!.map(shapeOf) }),
    child: (field) => shapeOfChild(node, field),
    first: node.of[0]?.name,
  };
}

function shapeOfChild(node: Tree, field: Field): { name: string; shape: Shape } | undefined {
  const hasIds = node.of.some(({ id }) => id !== null);
  const wanted = physicalName(field).toLowerCase();
  const child = node.of.find(({ id, name }) => (hasIds ? id === field.id : name.toLowerCase() === wanted));
  return child === undefined ? undefined : { name: child.name, shape: shapeOf(child) };
}

/** Parquet format, "Lists" and "Maps", with the two-level lists of old writers. */
function itemsOf(node: Tree): readonly Tree[] | undefined {
  const [group] = node.of;
  if (node.of.length !== 1 || group === undefined || !group.repeated) return undefined;
  const isElement = group.of.length === 0 || group.name === "array" || group.name === `${node.name}_tuple`;
  return isElement ? [group] : group.of;
}
