import type { DataFile, DeletionVector } from "../snapshot.ts";
import { PathIndex, hashOf } from "./path-index.ts";
import { Texts } from "./texts.ts";

/** What is mostly the same from file to file, kept once. */
export interface Shared {
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly deletionVector?: DeletionVector | undefined;
  /** Seldom there, and then of one file. */
  readonly statedPath?: string | undefined;
}

export interface FileNumbers {
  readonly sizeBytes: number;
  readonly rows: number | undefined;
  readonly modifiedMs: number;
  readonly dataChange: boolean;
}

const unknownRows = -1;
const [flagDataChange, flagStats] = [1, 2];
/** So many different values are kept parsed. */
const parsedShared = 1024;

/** Data files in columns: about as many bytes as their texts have. Files are added, never changed. */
export class PackedFiles {
  readonly paths: Texts;
  readonly stats: Texts;
  private readonly shared = new Texts();
  private numbers = new Float64Array(0); // sizeBytes, rows, modifiedMs
  private sharedRow = new Uint32Array(0);
  private flags = new Uint8Array(0);
  private length = 0;
  private index: PathIndex | undefined;
  private sharedIds: Map<string, number> | undefined = new Map();
  private readonly parsed: (Shared | undefined)[] = [];

  /** Paths and statistics of a whole block may be given at once; the rest of each row then follows by {@link pushRow}. */
  constructor(paths = new Texts(), stats = new Texts()) {
    this.paths = paths;
    this.stats = stats;
  }

  get count(): number {
    return this.length;
  }

  push(file: DataFile): void {
    this.paths.push(file.path);
    this.stats.push(file.stats ?? "");
    this.pushRow(file, file.stats !== undefined, this.share(file));
  }

  /** `shared`: what {@link share} gave. */
  pushRow(file: FileNumbers, hasStats: boolean, shared: number): void {
    const row = this.length++;
    if (row === this.flags.length) this.grow(Math.max(8, row * 2));
    this.numbers[row * 3] = file.sizeBytes;
    this.numbers[row * 3 + 1] = file.rows ?? unknownRows;
    this.numbers[row * 3 + 2] = file.modifiedMs;
    this.flags[row] = (file.dataChange ? flagDataChange : 0) | (hasStats ? flagStats : 0);
    this.sharedRow[row] = shared;
  }

  /** Room for so many files, which is then not copied again. */
  grow(size: number): void {
    this.numbers = copied(new Float64Array(size * 3), this.numbers);
    this.sharedRow = copied(new Uint32Array(size), this.sharedRow);
    this.flags = copied(new Uint8Array(size), this.flags);
  }

  /** Nothing comes any more: what only adding needs goes. */
  seal(): this {
    this.sharedIds = undefined;
    return this;
  }

  sizeBytes(row: number): number {
    return this.numbers[row * 3]!;
  }

  rows(row: number): number | undefined {
    const rows = this.numbers[row * 3 + 1]!;
    return rows === unknownRows ? undefined : rows;
  }

  sharedOf(row: number): Shared {
    const id = this.sharedRow[row]!;
    const known = this.parsed[id];
    if (known !== undefined) return known;
    const parsed = JSON.parse(this.shared.get(id)) as Shared;
    if (this.shared.count <= parsedShared) this.parsed[id] = parsed;
    return parsed;
  }

  file(row: number): DataFile {
    const { partitionValues, tags, deletionVector, statedPath } = this.sharedOf(row);
    const file = {
      path: this.paths.get(row),
      sizeBytes: this.sizeBytes(row),
      rows: this.rows(row),
      modifiedMs: this.numbers[row * 3 + 2]!,
      stats: (this.flags[row]! & flagStats) === 0 ? undefined : this.stats.get(row),
      partitionValues,
      tags,
      dataChange: (this.flags[row]! & flagDataChange) !== 0,
    };
    return deletionVector === undefined && statedPath === undefined
      ? file
      : {
          ...file,
          ...(deletionVector === undefined ? {} : { deletionVector }),
          ...(statedPath === undefined ? {} : { statedPath }),
        };
  }

  /** The last row with that path; -1: none. */
  find(path: Uint8Array, hash = hashOf(path, 0, path.length)): number {
    this.index ??= new PathIndex(this.paths);
    return this.index.find(path, hash);
  }

  /** The number of what files have in common. */
  share({ partitionValues, tags, deletionVector, statedPath }: Shared): number {
    const text = JSON.stringify({ partitionValues, tags, deletionVector, statedPath });
    const ids = (this.sharedIds ??= new Map());
    const known = ids.get(text);
    if (known !== undefined) return known;
    const id = this.shared.count;
    this.shared.push(text);
    ids.set(text, id);
    return id;
  }
}

function copied<T extends Float64Array | Uint32Array | Uint8Array>(into: T, from: T): T {
  into.set(from);
  return into;
}
