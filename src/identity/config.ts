import { z } from "zod";
import { matchings } from "./weigh/matching.ts";

/** Tags whose values can be keys, beside the customer keys of sources. */
export const keyTags = ["national_id", "email", "phone", "birthdate"] as const;

const keys = z.array(z.string().min(1)).default([]);

/** The section `identity` of the configuration: how records become people. */
export const IdentityConfig = z.strictObject({
  trusted: keys.describe(
    "Keys that join regardless: records with the same value are one person. A key is the name of a source, for its customers' keys, or one of national_id, email, phone, birthdate.",
  ),
  separate: keys.describe(
    "Keys that keep apart regardless: records with different values never are one person. Named as in `trusted`; it wins over them.",
  ),
  matching: z
    .enum(matchings)
    .default("balanced")
    .describe(
      "How readily records become one person: `balanced` joins what is rather one person than not; `cautious` joins less, so that fewer people are mixed up; `eager` joins more, so that fewer are split.",
    ),
  most_moved: z
    .string()
    .regex(/^(100(\.0+)?|\d{1,2}(\.\d+)?)\s*%$/, 'must be a share such as "2%"')
    .default("2%")
    .describe(
      "Of the records that were there before, the share that a run may move to another profile. A run that would move more stops and asks; `onecopy run --accept-identity-changes` says yes.",
    ),
});

export type IdentityConfig = z.infer<typeof IdentityConfig>;

/** `identity.most_moved` as a number, 0…1. */
export function mostMoved(config: IdentityConfig): number {
  return Number.parseFloat(config.most_moved) / 100;
}
