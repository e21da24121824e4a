import { OneCopyError } from "../../../base/index.ts";

/** PROTOCOL.md, "Names". */
export interface SharedTableName {
  readonly share: string;
  readonly schema: string;
  readonly table: string;
}

const segment = /^[^\s/\p{Cc}]{1,255}$/u;

/** Whether a text stands for many tables: its last part is `*`. */
export function isPattern(text: string): boolean {
  return text.endsWith(".*");
}

/** `share.schema.table`; only a share may have dots in its name. Fails with `remote.bad_name`. */
export function parseSharedName(text: string): SharedTableName {
  const parts = text.split(".");
  const [schema = "", table = ""] = parts.slice(-2);
  const share = parts.slice(0, -2).join(".");
  if ([share, schema, table].every((part) => segment.test(part))) return { share, schema, table };
  throw new OneCopyError("remote.bad_name", `${JSON.stringify(text)} names no table of a share.`, {
    remedy: "Write share.schema.table, as the provider's list of tables has it.",
  });
}

export function sharedNameText({ share, schema, table }: SharedTableName): string {
  return `${share}.${schema}.${table}`;
}
