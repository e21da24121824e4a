import { parseInterval } from "./interval.ts";

const dayMs = 86_400_000;

/** How long a table keeps what is not its newest version. */
export interface Retention {
  /** So long a version stays readable in both formats after the next one was committed. */
  readonly versionsMs: number;
  /** So long the log tells of a version, readable or not. */
  readonly logMs: number;
  /** So many of the newest versions stay readable however old they are. */
  readonly minVersions: number;
}

/**
 * From the table's properties. An Iceberg user's `history.expire.*` can keep versions longer than Delta's properties say,
 * never shorter.
 */
export function retentionOf(properties: Readonly<Record<string, string>>): Retention {
  const interval = (property: string, byDefault: number): number => {
    const text = properties[property];
    return text === undefined ? byDefault : parseInterval(property, text);
  };
  const files = interval("delta.deletedFileRetentionDuration", 7 * dayMs);
  const snapshots = whole(properties["history.expire.max-snapshot-age-ms"]) ?? 0;
  return {
    versionsMs: Math.max(files, snapshots),
    logMs: interval("delta.logRetentionDuration", 30 * dayMs),
    minVersions: Math.max(1, whole(properties["history.expire.min-snapshots-to-keep"]) ?? 1),
  };
}

/** Whether no version's commit is cleaned up before it is so old; what another writer set may be anything. */
export function keepsLog(properties: Readonly<Record<string, string>>, ageMs: number): boolean {
  try {
    return retentionOf(properties).logMs > ageMs;
  } catch {
    return false;
  }
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
