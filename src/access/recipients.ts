import { z } from "zod";
import { AddressBlock } from "./address.ts";
import { PRINCIPAL_NAME } from "./principal.ts";

/** Names that begin with `_` are OneCopy's own. */
const NAMESPACE = /^[a-z][a-z0-9_-]{0,127}$/;

export const principalName = z
  .string()
  .regex(PRINCIPAL_NAME, "must be letters, digits and . _ @ + -, and begin with a letter or digit");

const RecipientConfig = z.strictObject({
  roles: z
    .array(principalName)
    .default([])
    .describe("Roles of the recipient: a share that names one of them is shared with the recipient."),
  addresses: z
    .array(AddressBlock)
    .min(1)
    .optional()
    .describe(
      "From where its tokens may be used: addresses and blocks such as 10.0.0.0/8. Default: from anywhere. Behind a reverse proxy, name that in `proxies`.",
    ),
  token_days: z
    .int()
    .min(1)
    .max(730)
    .default(90)
    .describe("How many days its new tokens live, at most two years."),
  oauth_minutes: z
    .int()
    .min(5)
    .max(60)
    .default(60)
    .describe(
      "How many minutes a token lives that a client gets for its id and secret (OAuth2 client credentials); clients ask anew by themselves.",
    ),
  requests_per_minute: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(60_000)
    .describe(
      "How many requests its tokens may make together in a minute, to each process of `onecopy serve`.",
    ),
  writes: z
    .array(z.string().regex(NAMESPACE, "must be a namespace in lower case that does not begin with _"))
    .default([])
    .describe(
      "Namespaces that it may write, and read, through the Iceberg REST catalog: create, commit, rename and drop tables and views in them.",
    ),
});

/** The section `recipients` of the configuration. Whom shares name and this does not has the defaults. */
export const RecipientsConfig = z.record(principalName, RecipientConfig);

export type RecipientsConfig = z.infer<typeof RecipientsConfig>;
export type RecipientConfig = RecipientsConfig[string];

const DEFAULTS: RecipientConfig = RecipientConfig.parse({});

export function recipientNamed(recipients: RecipientsConfig, name: string): RecipientConfig {
  return Object.hasOwn(recipients, name) ? recipients[name]! : DEFAULTS;
}
