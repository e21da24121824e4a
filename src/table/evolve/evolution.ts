import { OneCopyError } from "../../base/index.ts";
import {
  type FieldPath,
  type LogicalType,
  type Member,
  type SchemaChange,
  applySchemaChanges,
  isDecimal,
  memberAt,
  pathText,
} from "../../schema/index.ts";
import type { TableMeta } from "../commit/change.ts";
import { renameInColumnLists, withoutOwnStatistics } from "../property.ts";
import { identifyingColumns, withIdentifying } from "../snapshot.ts";
import { droppedPaths, samePath, withDropped } from "./dropped.ts";

type Add = Extract<SchemaChange, { readonly kind: "add" }>;

/** A change of a table's schema. A column that is added may be an identifying one: see `propertyIdentifying`. */
export type TableChange = Exclude<SchemaChange, Add> | (Add & { readonly identifying?: boolean });

/** What schema changes make of a table, and what they ask of its files. */
export interface Evolution {
  readonly meta: TableMeta;
  /** Why all files must be written again, in words. None: the files stay as they are. */
  readonly rewrites: readonly string[];
  /** Dropped fields whose names come back: files that still hold them must be written again. */
  readonly returning: readonly FieldPath[];
  /** Ids, as they are before, of the columns in which no row may have a null. */
  readonly required: ReadonlySet<number>;
  /** Of which field one with a fresh id has the values. */
  readonly origin: ReadonlyMap<number, number>;
}

/** Fails as `applySchemaChanges` does, or with `table.column_protected` or `table.nested_required`. */
export function evolution(before: TableMeta, changes: readonly TableChange[]): Evolution {
  const rewrites: string[] = [];
  const returning: FieldPath[] = [];
  const required = new Set<number>();
  const origin = new Map<number, number>();
  const originOf = (id: number): number => origin.get(id) ?? id;
  let dropped = droppedPaths(before.properties);
  let { schema, properties } = before;
  for (const change of changes) {
    const { path } = change;
    protectPartitions(before.partitionColumns, change);
    const next = applySchemaChanges(schema, [change]);
    const [old, member] = [memberAt(schema, path), memberAt(next, path)];
    switch (change.kind) {
      case "add":
        if (dropped.some((one) => samePath(one, path))) returning.push(path);
        if (change.identifying === true) properties = withIdentifying(properties, [path[0]!]);
        break;
      case "rename":
        if (JSON.stringify(next) === JSON.stringify(schema)) break;
        rewrites.push(`${pathText(path)} is renamed to ${change.to}`);
        if (path.length === 1) properties = renameInColumnLists(properties, new Map([[path[0]!, change.to]]));
        break;
      case "drop":
        dropped = [...dropped, path];
        if (path.length === 1) properties = renameInColumnLists(properties, new Map([[path[0]!, undefined]]));
        break;
      case "widen":
        if (!staysReadable(path, old!.type, member!.type)) rewrites.push(`${pathText(path)} is widened`);
        if (old!.id !== member!.id) origin.set(member!.id, originOf(old!.id));
        break;
      case "set-nullable":
        if (change.nullable) required.delete(originOf(old!.id));
        else if (old!.nullable) required.add(originOf(columnOf(path, old!).id));
        break;
      case "move":
      case "comment":
    }
    schema = next;
  }
  // Files that are written now hold nothing of what was dropped.
  const stillHeld =
    rewrites.length > 0 ? [] : dropped.filter((path) => !returning.some((one) => samePath(one, path)));
  const hadIdentifying = identifyingColumns(before.properties).size > 0;
  if (hadIdentifying && identifyingColumns(properties).size === 0)
    properties = withoutOwnStatistics(properties);
  const meta = { ...before, schema, properties: withDropped(properties, stillHeld) };
  return { meta, rewrites, returning: rewrites.length > 0 ? [] : returning, required, origin };
}

/**
 * Whether every reader takes the old files for the wider type: these two were tried with all of them, top-level
 * columns only; long for integer breaks Spark's Iceberg reader (FORMATS.md, "Schema change").
 */
export function staysReadable(path: FieldPath, from: LogicalType, to: LogicalType): boolean {
  if (JSON.stringify(from) === JSON.stringify(to)) return true;
  if (path.length > 1) return false;
  if (isDecimal(from) && isDecimal(to))
    return from.scale === to.scale && from.precision <= 9 && to.precision > 18;
  return from === "float" && to === "double";
}

/**
 * The name and type of a partition column stand in each file's partition value, in the Iceberg partition spec and in
 * other writers' folders: there is no change of them that all readers follow.
 */
function protectPartitions(partitionColumns: readonly string[], { kind, path }: TableChange): void {
  if (!["rename", "drop", "widen"].includes(kind)) return;
  if (!partitionColumns.some((name) => name.toLowerCase() === path[0]?.toLowerCase())) return;
  throw new OneCopyError(
    "table.column_protected",
    `The table is partitioned by ${path[0]}: it cannot be renamed, dropped or widened.`,
    { remedy: "Replace the table by one with other partitions (createOrReplace), which keeps its history." },
  );
}

function columnOf(path: FieldPath, member: Member): Member {
  if (path.length === 1) return member;
  throw new OneCopyError(
    "table.nested_required",
    `${pathText(path)} is inside another column, and nulls are refused in whole columns only.`,
    { remedy: "Make the column that holds it required, or leave it as it is." },
  );
}
