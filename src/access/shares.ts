import { z } from "zod";
import { PRINCIPAL_NAME } from "./principal.ts";

/**
 * A name as it stands in a URL of the Delta Sharing protocol ("Names": at most 255 characters, no blank, no
 * slash, upper and lower case are the same); clients put it there without encoding.
 */
const SHARE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,254}$/;

/** The catalog's names; its own folders and OneCopy's state have none. */
const TABLE_NAME = /^(?!_catalog\.|_onecopy\.)[a-z_][a-z0-9_-]{0,127}\.[a-z_][a-z0-9_-]{0,127}$/;

const ShareConfig = z.strictObject({
  tables: z
    .array(
      z.string().regex(TABLE_NAME, "must be namespace.table in lower case, for example unified.customer_360"),
    )
    .min(1)
    .refine(distinct, "names a table twice")
    .describe("The tables of the share, as namespace.table."),
  recipients: z
    .array(
      z
        .string()
        .regex(PRINCIPAL_NAME, "must be letters, digits and . _ @ + -, and begin with a letter or digit"),
    )
    .default([])
    .describe("Who may read the share: the names that tokens are issued to. Nobody else can."),
});

/** The section `shares` of the configuration: what the Bridge exposes, and to whom. */
export const SharesConfig = z
  .record(
    z.string().regex(SHARE_NAME, "must be letters, digits, _ and -, and begin with a letter, digit or _"),
    ShareConfig,
  )
  .refine((shares) => distinct(Object.keys(shares)), {
    error: "has two shares of the same name (upper and lower case are the same)",
  });

export type SharesConfig = z.infer<typeof SharesConfig>;

function distinct(names: readonly string[]): boolean {
  return new Set(names.map((name) => name.toLowerCase())).size === names.length;
}
