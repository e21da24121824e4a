import { type Session, addresses } from "../../../engine/index.ts";
import { keyIn } from "../../path.ts";
import type { Snapshot } from "../../snapshot.ts";
import type { IcebergContents, IcebergFile } from "./contents.ts";
import type { AppliedDeletes } from "./deletes.ts";
import { type FileShape, fileShapes } from "./parquet-shape.ts";

/** A data file with what a query needs to know of it. */
export interface ReadFile extends IcebergFile {
  /** As the engine prints it. */
  readonly address: string;
  readonly shape: FileShape;
  readonly applied: AppliedDeletes;
}

/** Where a table is. */
type Place = Pick<Snapshot, "store" | "folder">;

/** What opening files in a table's folder takes. */
export interface FileContext {
  readonly session: Session;
  readonly snapshot: Place;
  /** Addresses and shapes of files in the table's folder, in their order. Footers are read once. */
  open(paths: readonly string[]): Promise<{ readonly address: string; readonly shape: FileShape }[]>;
}

export interface ReadContext extends FileContext {
  readonly snapshot: Snapshot;
  readonly contents: IcebergContents;
}

const shapesOf = new WeakMap<IcebergContents, Map<string, FileShape>>();

/** Of one query; footers are read once a snapshot. */
export function contextOf(session: Session, snapshot: Snapshot, contents: IcebergContents): ReadContext {
  const shapes = shapesOf.get(contents) ?? new Map<string, FileShape>();
  shapesOf.set(contents, shapes);
  const sizeOf = (path: string): number => snapshot.files.get(path)?.sizeBytes ?? 0;
  return { ...fileContext(session, snapshot, shapes, sizeOf), snapshot, contents };
}

/** `shapes`: those that are known, by the path; `sizeOf`: 0 where a file's size is not. */
export function fileContext(
  session: Session,
  place: Place,
  shapes = new Map<string, FileShape>(),
  sizeOf: (path: string) => number = () => 0,
): FileContext {
  return {
    session,
    snapshot: place,
    async open(paths) {
      const found = await addresses(
        session,
        place.store,
        paths.map((path) => keyIn(place.folder, path)),
        paths.map(sizeOf),
      );
      const unknown = paths.flatMap((path, i) => (shapes.has(path) ? [] : [{ path, address: found[i]! }]));
      const read = await fileShapes(
        session,
        unknown.map(({ address }) => address),
      );
      for (const { path, address } of unknown) shapes.set(path, read.get(address)!);
      return paths.map((path, i) => ({ address: found[i]!, shape: shapes.get(path)! }));
    },
  };
}

/** In a list of files `*`, `?` and `[` would be patterns. */
export function pattern(address: string): string {
  return address.replaceAll(/[[*?]/g, "[$&]");
}

export function nameOf({ store, folder }: Place): string {
  return folder === "" ? store.url : folder;
}
