import { ident, literal } from "../../../engine/index.ts";
import { typeToEngine } from "../../../schema/index.ts";
import { type NameMapping, noMapping } from "./name-mapping.ts";
import type { FileColumn, FileShape } from "./parquet-shape.ts";
import {
  type IcebergField,
  type IcebergType,
  type PrimitiveType,
  type StructType,
  toLogical,
} from "./type.ts";
import { unsupported } from "./unsupported.ts";
import { defaultSql } from "./value.ts";

/*
 * Iceberg spec, "Column Projection": a column of the table is found in a file by its id, whatever either calls it. The
 * engine finds columns by id at the top level only, and so nested ones are taken apart and put together here where the
 * names, the order or the types in the file are other ones.
 */

/** No column of a table has it (spec, "Reserved Field IDs"). */
const noFieldId = 2_147_483_000;

/** How the rows of files of one shape become rows of the table. */
export class Projection {
  private readonly needed = new Set<FileColumn>();
  private readonly roots = new Map<FileColumn, string>();
  private lambdas = 0;

  constructor(
    private readonly where: string,
    private readonly shape: FileShape,
    private readonly mapping: NameMapping | undefined,
  ) {
    if (mapping === undefined && !shape.columns.some(hasId))
      throw unsupported(
        where,
        "a data file without field ids, in a table without the property schema.name-mapping.default,",
        "Have the table's owner set that property: its columns can only be guessed.",
      );
  }

  /** The column of the file that holds a top-level field of the table. */
  find(field: IcebergField): FileColumn | undefined {
    return find(field, this.shape.columns, this.mapping ?? noMapping);
  }

  /** The column that states the field's id itself, without the help of the name mapping. */
  findById(field: IcebergField): FileColumn | undefined {
    return this.shape.columns.find(({ fieldId }) => fieldId === field.id);
  }

  /** SQL of a field over the relation that {@link schemaSql} declares, in the table's type; what a file lacks is its default. */
  expression(field: IcebergField): string {
    const column = this.find(field);
    if (column === undefined) return this.defaultOf(field);
    const mapping = mappingOf(this.mapping, column);
    return this.convert(field.type, column, this.rootSql(column), mapping, field.name).sql;
  }

  /**
   * To be asked for before {@link expression}. SQL of any field of primitive type, found by its id at the top level or in structs; `undefined` when the file has
   * no column of that id. `path`: the fields from the top level down to it.
   */
  leaf(path: readonly IcebergField[]): string | undefined {
    let siblings = this.shape.columns;
    let mapping = this.mapping;
    let sql: string | undefined;
    for (const field of path) {
      const column = find(field, siblings, mapping ?? noMapping);
      if (column === undefined) return undefined;
      sql = sql === undefined ? this.rootSql(column) : fieldOf(sql, column);
      mapping = mappingOf(mapping, column);
      if (field === path.at(-1)) {
        if (field.type.kind !== "primitive") return undefined;
        return this.convert(field.type, column, sql, mapping, field.name).sql;
      }
      if (column.kind !== "struct") return undefined;
      this.needed.add(column);
      siblings = column.children;
    }
    return undefined;
  }

  /** As {@link leaf}; what the file lacks is the field's default. */
  leafOrDefault(path: readonly IcebergField[]): string {
    const field = path.at(-1)!;
    const found = this.leaf(path);
    if (found !== undefined) return found;
    if (path.length > 1 && field.initialDefault !== undefined)
      throw unsupported(
        this.where,
        `an equality delete by ${path.map(({ name }) => name).join(".")}, a nested field with a default,`,
        "Have the table's owner compact the table (rewrite_data_files).",
      );
    return this.defaultOf(field);
  }

  /** The argument `schema` of read_parquet for what the expressions so far need. */
  schemaSql(): string {
    // Without any column the engine would read them all by their names.
    if (this.roots.size === 0) return `MAP {${noFieldId}: {name: 'c', type: 'INTEGER', default_value: NULL}}`;
    // By id, unless one of the columns has none; the names in a file are not sure to differ.
    const byId = [...this.roots.keys()].every(({ fieldId }) => fieldId !== undefined);
    const columns = [...this.roots].map(
      ([column, alias]) =>
        `${byId ? column.fieldId : literal(column.name)}: {name: ${literal(alias)}, type: ${literal(this.requestedType(column))}, default_value: NULL}`,
    );
    return `MAP {${columns.join(", ")}}`;
  }

  private rootSql(column: FileColumn): string {
    let alias = this.roots.get(column);
    if (alias === undefined) this.roots.set(column, (alias = `c${this.roots.size}`));
    this.needed.add(column);
    return `f.${alias}`;
  }

  private defaultOf(field: IcebergField): string {
    try {
      return defaultSql(field);
    } catch (error) {
      if (error instanceof Error && !("code" in error))
        throw unsupported(
          this.where,
          `column ${field.name}: ${error.message}: such a default`,
          "Have the table's owner correct the schema.",
        );
      throw error;
    }
  }

  /** `same`: the value in the file is the table's as it is, and `sql` is what was given. */
  private convert(
    type: IcebergType,
    column: FileColumn,
    sql: string,
    mapping: NameMapping | undefined,
    name: string,
  ): { readonly sql: string; readonly same: boolean } {
    this.needed.add(column);
    if (type.kind === "primitive") return this.leafSql(type, column, sql, name);
    if (type.kind !== column.kind) throw this.mismatch(name, type.kind, column);
    if (type.kind === "struct") return this.structSql(type, column, sql, mapping, name);
    const variable = (): string => `x${++this.lambdas}`;
    if (type.kind === "list") {
      const x = variable();
      const element = column.children[0]!;
      const inner = this.convert(type.element.type, element, x, mappingOf(mapping, element, "element"), name);
      return inner.same
        ? { sql, same: true }
        : { sql: `list_transform(${sql}, lambda ${x}: ${inner.sql})`, same: false };
    }
    const x = variable();
    const [key, value] = [column.children[0]!, column.children[1]!];
    const [newKey, newValue] = [
      this.convert(type.key.type, key, `struct_extract(${x}, 'key')`, mappingOf(mapping, key, "key"), name),
      this.convert(
        type.value.type,
        value,
        `struct_extract(${x}, 'value')`,
        mappingOf(mapping, value, "value"),
        name,
      ),
    ];
    if (newKey.same && newValue.same) return { sql, same: true };
    const entries = `list_transform(map_entries(${sql}), lambda ${x}: struct_pack(k := ${newKey.sql}, v := ${newValue.sql}))`;
    return { sql: `CASE WHEN ${sql} IS NOT NULL THEN map_from_entries(${entries}) END`, same: false };
  }

  private structSql(
    type: StructType,
    column: FileColumn,
    sql: string,
    mapping: NameMapping | undefined,
    name: string,
  ): { readonly sql: string; readonly same: boolean } {
    const found = type.fields.map((field) => find(field, column.children, mapping ?? noMapping));
    const inFile = column.children.filter((child) => found.includes(child));
    let same = inFile.length === found.length;
    const parts = type.fields.map((field, i) => {
      const child = found[i];
      if (child === undefined) return `${ident(field.name)} := ${this.defaultOf(field)}`;
      const value = this.convert(
        field.type,
        child,
        fieldOf(sql, child),
        mappingOf(mapping, child),
        `${name}.${field.name}`,
      );
      same &&= value.same && child.name === field.name && inFile[i] === child;
      return `${ident(field.name)} := ${value.sql}`;
    });
    same &&= column.children.every((child) => !this.needed.has(child) || inFile.includes(child));
    if (same) return { sql, same };
    // One field has to be read, to know which structs are null.
    if (inFile.length === 0) this.needAll(column.children[0]!);
    return { sql: `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${parts.join(", ")}) END`, same };
  }

  private leafSql(type: PrimitiveType, column: FileColumn, sql: string, name: string) {
    const converted = column.kind === "leaf" ? leafConversion(type, column.engineType, sql) : undefined;
    if (converted === undefined) throw this.mismatch(name, type.name, column);
    return { sql: converted, same: converted === sql };
  }

  private mismatch(name: string, expected: string, column: FileColumn) {
    const found = column.kind === "leaf" || column.kind === "other" ? column.engineType : `a ${column.kind}`;
    return unsupported(
      this.where,
      `column ${name}, which is ${expected} in the table and ${found} in a data file,`,
      "Have the table's owner rewrite the file (rewrite_data_files).",
    );
  }

  private needAll(column: FileColumn): void {
    this.needed.add(column);
    column.children.forEach((child) => this.needAll(child));
  }

  /** In the file's own types and names, as far as it is needed. */
  private requestedType(column: FileColumn): string {
    switch (column.kind) {
      case "struct": {
        const fields = column.children.filter((child) => this.needed.has(child));
        return `STRUCT(${fields.map((child) => `${ident(child.name)} ${this.requestedType(child)}`).join(", ")})`;
      }
      case "list":
        return `${this.requestedType(column.children[0]!)}[]`;
      case "map":
        return `MAP(${column.children.map((child) => this.requestedType(child)).join(", ")})`;
      default:
        return column.engineType;
    }
  }
}

function fieldOf(sql: string, { name }: FileColumn): string {
  return `struct_extract(${sql}, ${literal(name)})`;
}

function find(
  field: IcebergField,
  siblings: readonly FileColumn[],
  mapping: NameMapping,
): FileColumn | undefined {
  return (
    siblings.find(({ fieldId }) => fieldId === field.id) ??
    siblings.find(
      ({ fieldId, name }) => fieldId === undefined && mapping.byName.get(name)?.fieldId === field.id,
    )
  );
}

function mappingOf(
  mapping: NameMapping | undefined,
  { name }: FileColumn,
  role = name,
): NameMapping | undefined {
  return mapping?.byName.get(role)?.children;
}

function hasId(column: FileColumn): boolean {
  return column.fieldId !== undefined || column.children.some(hasId);
}

/**
 * A leaf's value in the table's type. `undefined`: the types are neither the same nor a promotion (spec, "Schema
 * Evolution"), nor one of the ways in which writers are known to store the type.
 */
function leafConversion(type: PrimitiveType, engineType: string, sql: string): string | undefined {
  const target = typeToEngine(toLogical("", type));
  const cast = `CAST(${sql} AS ${target})`;
  const oneOf = (...types: readonly string[]): string | undefined =>
    engineType === target ? sql : types.includes(engineType) ? cast : undefined;
  switch (type.name) {
    case "boolean":
      return oneOf();
    case "int":
      return oneOf("TINYINT", "SMALLINT", "UTINYINT", "USMALLINT");
    case "long":
      return oneOf("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER");
    case "float":
      return oneOf();
    case "double":
      return oneOf("FLOAT");
    case "date":
      return oneOf();
    case "decimal": {
      const found = /^DECIMAL\((\d+),(\d+)\)$/.exec(engineType);
      if (engineType === target) return sql;
      return found !== null && Number(found[2]) === type.scale && Number(found[1]) <= type.precision
        ? cast
        : undefined;
    }
    case "timestamp":
      if (engineType === "TIMESTAMP WITH TIME ZONE") return `(${sql} AT TIME ZONE 'UTC')`;
      return oneOf("TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S", "DATE");
    case "timestamptz":
      // INT96 (Spark) and some writers' INT64 say nothing of a zone; by the table's schema they are in UTC.
      if (/^TIMESTAMP(_(NS|MS|S))?$/.test(engineType))
        return `(CAST(${sql} AS TIMESTAMP) AT TIME ZONE 'UTC')`;
      return oneOf();
    case "string":
      return engineType === "BLOB" ? `decode(${sql})` : oneOf("JSON", "ENUM");
    case "uuid": {
      if (engineType === "UUID") return cast;
      if (engineType !== "BLOB") return oneOf();
      const hex = `lower(hex(${sql}))`;
      return `regexp_replace(${hex}, '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '\\1-\\2-\\3-\\4-\\5')`;
    }
    case "time":
      return engineType === "TIME" ? cast : undefined;
    case "fixed":
    case "binary":
      return engineType === "UUID" ? undefined : oneOf();
    case "unknown":
      return `CAST(NULL AS ${target})`;
    default:
      return undefined;
  }
}
