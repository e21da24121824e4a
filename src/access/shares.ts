import { z } from "zod";
import { type RecipientsConfig, principalName, recipientNamed } from "./recipients.ts";

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
      z.union([
        principalName,
        z.strictObject({
          name: principalName.describe("A recipient or a role."),
          until: z.iso.date().describe("The last day of the grant, YYYY-MM-DD in UTC."),
        }),
      ]),
    )
    .default([])
    .describe(
      "Who may read the share: recipients (the names that tokens are issued to) and roles of theirs. Nobody else can. With `until` the grant ends by itself.",
    ),
  history: z
    .boolean()
    .optional()
    .describe(
      "Older versions and what changed since may be read, and the tables' folders. `false`: the newest version alone, by addresses of its files. Default: true.",
    ),
  strict: z
    .boolean()
    .optional()
    .describe(
      "All bytes go through OneCopy, so that a revocation ends within a second what is being read. Without it, files in an S3 store are read from there, by addresses and keys that live for 15 minutes and can't be taken back. Default: false.",
    ),
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

/** A share at one moment. */
export interface Share {
  /** `namespace.table`. */
  readonly tables: readonly string[];
  /** Recipients whose grant is in force, those of a role too; sorted. */
  readonly recipients: readonly string[];
  /** Older versions and changes may be read. */
  readonly history: boolean;
  /** All bytes go through OneCopy. */
  readonly strict: boolean;
}

/** Shares by name, as they are at one moment. */
export type Shares = Readonly<Record<string, Share>>;

const DAY_MS = 86_400_000;

/** The shares at a moment: without grants that have ended, and with the recipients of each role. */
export function sharesAt(
  config: { readonly shares: SharesConfig; readonly recipients: RecipientsConfig },
  now: Date,
): Shares {
  return Object.fromEntries(
    Object.entries(config.shares).map(([name, { tables, recipients, history, strict }]) => {
      const named = recipients.flatMap((one) => {
        if (typeof one === "string") return [one];
        return now.getTime() < Date.parse(one.until) + DAY_MS ? [one.name] : [];
      });
      const byRole = Object.keys(config.recipients).filter((recipient) =>
        recipientNamed(config.recipients, recipient).roles.some((role) => named.includes(role)),
      );
      return [
        name,
        {
          tables,
          recipients: [...new Set([...named, ...byRole])].sort(),
          history: history !== false,
          strict: strict === true,
        },
      ];
    }),
  );
}

function distinct(names: readonly string[]): boolean {
  return new Set(names.map((name) => name.toLowerCase())).size === names.length;
}
