import { z } from "zod";

/** How the winner of a field is chosen among a person's records. */
const winnerRules = ["most_recent", "most_frequent", "longest", "source_priority"] as const;
export type WinnerRule = (typeof winnerRules)[number];

/**
 * Tags that belong together: a street of one record with the town of another is nobody's address. They win
 * together, from one record, under the name of the first.
 */
export const addressTags = ["address", "address2", "city", "state", "postal", "country"] as const;

/** Fields that are won one by one. Keys are not among them: a key means something in its own source only. */
export const singleTags = [
  "given_name",
  "middle_name",
  "surname",
  "full_name",
  "email",
  "phone",
  "birthdate",
  "birthplace",
  "gender",
  "company",
  "occupation",
  "national_id",
] as const;

export type MergedField = (typeof mergedFields)[number];
const mergedFields = [...singleTags, "address"] as const;

const Winner = z.enum(winnerRules);

/** The section `profile` of the configuration. */
export const ProfileConfig = z
  .strictObject({
    winner: Winner.default("most_recent").describe(
      "Which of a person's values becomes the merged one: most_recent (updated last), most_frequent (in most records), longest, " +
        "or source_priority (the first source of source_priority that has one). Ties go to the most recent record.",
    ),
    winners: z
      .partialRecord(z.enum(mergedFields), Winner)
      .default({})
      .describe(
        "Other rules for single fields. address stands for address, address2, city, state, postal and country, which win together.",
      ),
    source_priority: z
      .array(z.string().min(1))
      .min(1)
      .max(1000)
      .optional()
      .describe("Names of sources, the most trusted first; sources that are not named come after them."),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'must be three capital letters such as "EUR"')
      .optional()
      .describe(
        "The currency that revenue is counted in. Orders in another one count as orders, not as revenue. Default: the one most orders have.",
      ),
  })
  .superRefine((config, context) => {
    const asked = [["winner", config.winner] as const, ...Object.entries(config.winners)].find(
      ([, rule]) => rule === "source_priority",
    );
    if (asked === undefined || config.source_priority !== undefined) return;
    context.addIssue({
      code: "custom",
      path: asked[0] === "winner" ? ["winner"] : ["winners", asked[0]],
      message:
        "source_priority needs the list source_priority beside it: the names of sources, the most trusted first",
    });
  });

export type ProfileConfig = z.infer<typeof ProfileConfig>;
