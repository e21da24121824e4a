import { OneCopyError, newId } from "../base/index.ts";
import type { Store } from "../storage/index.ts";

/**
 * In the lake, until a run has put it into the table `_system.access`: `<writer>/<number>.ndjson`, each put once; where files can
 * grow, `<writer>.ndjson`.
 */
export const ACCESS_LOG_FOLDER = "_access/";

/** A file that can grow gets a successor after this long, or when it holds so much: by that it can be told that it is done. */
const GROWS_FOR_MS = 3_600_000;
const LARGEST_BYTES = 64 * 1024 * 1024;

/** How long after its last change nobody writes a file any more, however long the last write took. */
export const ACCESS_LOG_DONE_AFTER_MS = 2 * GROWS_FOR_MS;

/** Writes a log of its own, one text of whole lines after the other. */
export interface AccessLogWriter {
  /** Resolves once the lines are durable. Fails with `access.not_logged`. */
  write(lines: string): Promise<void>;
}

/**
 * So many writes of the log may be on their way at once: a put to a cloud takes longer than an answer; a disk takes as long for the
 * records of many answers as for that of one, so that few writes serve them sooner.
 */
export function mostWriters(lake: Store): number {
  return canAppend(lake) ? 1 : 4;
}

export function accessLogWriter(lake: Store): AccessLogWriter {
  return canAppend(lake) ? new FileWriter(lake) : new PartWriter(lake);
}

type AppendingStore = Store & Required<Pick<Store, "append">>;

function canAppend(store: Store): store is AppendingStore {
  return store.append !== undefined;
}

/** Puts one object after the other: whoever takes them up goes by their numbers. */
class PartWriter implements AccessLogWriter {
  private readonly name = newId();
  private written = 0;

  constructor(private readonly lake: Store) {}

  async write(lines: string): Promise<void> {
    const number = String(this.written).padStart(12, "0");
    this.written += 1;
    const key = `${ACCESS_LOG_FOLDER}${this.name}/${number}.ndjson`;
    try {
      const outcome = await this.lake.put(key, lines, { ifAbsent: true });
      // Nobody else can have made this key, so finding it settles an unknown outcome.
      if (outcome.kind === "written" || (await this.lake.head(key)).kind === "found") return;
      throw outcome.kind === "unknown" ? outcome.cause : new Error("the put was refused");
    } catch (cause) {
      throw notLogged(this.lake, cause);
    }
  }
}

/** Lets a file grow: whoever takes it up goes by how many of its bytes were taken up. */
class FileWriter implements AccessLogWriter {
  private file: { readonly key: string; readonly sinceMs: number; sizeBytes: number } | undefined;

  constructor(private readonly lake: AppendingStore) {}

  async write(lines: string): Promise<void> {
    const file = this.growing();
    const body = Buffer.from(lines);
    try {
      await this.lake.append(file.key, file.sizeBytes, body);
      file.sizeBytes += body.length;
    } catch (cause) {
      // What is there of these lines is not known, so nothing may come after it.
      this.file = undefined;
      throw notLogged(this.lake, cause);
    }
  }

  private growing() {
    const nowMs = Date.now();
    const { file } = this;
    if (file !== undefined && file.sizeBytes < LARGEST_BYTES && Math.abs(nowMs - file.sinceMs) < GROWS_FOR_MS)
      return file;
    return (this.file = { key: `${ACCESS_LOG_FOLDER}${newId()}.ndjson`, sinceMs: nowMs, sizeBytes: 0 });
  }
}

function notLogged(lake: Store, cause: unknown): OneCopyError {
  return new OneCopyError("access.not_logged", `The log of accesses in ${lake.url} can't be written.`, {
    remedy: "Nothing is answered until it can. See whether OneCopy may write to the lake.",
    cause,
  });
}
