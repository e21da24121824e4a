import { z } from "zod";

/** The section `identity` of the configuration: how records become people. */
export const IdentityConfig = z.strictObject({
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
