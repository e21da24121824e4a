import type { TableMeta } from "../commit/change.ts";
import type { TableMetadata } from "../iceberg/metadata.ts";
import { invalid } from "./refuse.ts";

/** What is made from the table itself whenever its metadata is written; what a client says of it has no effect. */
const derived = /^(schema\.name-mapping\.default$|write\.metadata\.metrics\.column\.)/;

const modes = /^write\.(delete|update|merge)\.mode$/;

/** The table's properties on the Delta side, after what a client changed on the Iceberg side. */
export function mirroredProperties(
  before: { readonly metadata: TableMetadata; readonly meta: TableMeta } | undefined,
  after: TableMetadata,
  metadataPath: string,
): Readonly<Record<string, string>> {
  const was = before?.metadata.properties ?? {};
  const next: Record<string, string> = { ...before?.meta.properties };
  for (const [key, value] of Object.entries(after.properties)) {
    if (was[key] === value || derived.test(key)) continue;
    if (key === "write.metadata.path") {
      if (value !== metadataPath)
        throw invalid(
          `write.metadata.path is ${metadataPath} for this table, and cannot be another one.`,
          "Leave the property out: other folders are emptied by the VACUUM of Delta's engines.",
        );
    } else {
      refuseOwn(key, before === undefined ? undefined : was[key], value);
      if (modes.test(key) && value !== "copy-on-write" && value !== "merge-on-read")
        throw invalid(`${key} is ${value}.`, "Set copy-on-write or merge-on-read.");
      if (key !== "gc.enabled" || value !== "false") next[key] = value;
      else delete next[key];
    }
  }
  for (const key of Object.keys(was)) {
    if (Object.hasOwn(after.properties, key) || derived.test(key)) continue;
    refuseOwn(key, was[key], undefined);
    delete next[key];
  }
  return next;
}

/** These say what the log and the files are. Delta's own are not shown on this side. */
function refuseOwn(key: string, was: string | undefined, value: string | undefined): void {
  if (was === value || !/^(onecopy|delta)\./.test(key)) return;
  throw invalid(`The property ${key} cannot be set or taken away from here.`, "Set it with OneCopy.");
}
