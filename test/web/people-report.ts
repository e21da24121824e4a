import type { PeopleReport } from "../../src/server/index.ts";
import { margaret } from "./sample.ts";

type Made = Extract<PeopleReport, { state: "made" }>;

const ours = "OneCopy's own limit";

/** How the people of the sample came about, with a figure that fails. */
export const peopleReport: Made = {
  state: "made",
  resolvedAt: "2026-11-22T18:38:00.000Z",
  model: { version: 2, trainedAt: "2026-11-20T09:00:00.000Z", why: "there was none" },
  report: {
    sources: [
      { source: "web_shop", records: 18_204, profiles: 16_902 },
      { source: "loyalty", records: 35_352, profiles: 19_400 },
    ],
    records: 1_053_556,
    profiles: 420_113,
    movement: { moved: 214, of: 1_043_556, jitter: 214 / 1_043_556 },
    health: [
      check(
        "profiles with more than 3 given names",
        12,
        420_113,
        0.00011,
        `${ours}: a name and its short form`,
      ),
      check(
        "profiles with more than 3 surnames",
        400,
        420_113,
        0.0005,
        `${ours}: a maiden name & a married one`,
      ),
      check("records in profiles of more than 100", 0, 0, 0.001, `${ours}: a shop's value <b>`),
    ],
    weights: {
      priorPerson: -18.2,
      priorHousehold: -17,
      fields: [
        field("given_name", [
          ["exact", 9.8],
          ["nickname or middle name", 4.7],
          ["different", -7],
        ]),
        field("email", [
          ["exact", 18.4],
          ["exact, of several people", 15.2],
          ["different", -2.2],
        ]),
        field("place", [
          ["same town and postal code", 10.7],
          ["same region", -0.02],
        ]),
      ],
    },
    bands: [],
    curve: [
      point(0, 1_240_605, 0.9779, 0.9929),
      point(1, 1_230_404, 0.9806, 0.982),
      point(2, 1_220_066, 0.985, 0.963),
      point(3, 1_110_004, 0.99996, 0.9212),
    ],
    unlinkable: {
      records: 15_204,
      of: 1_053_556,
      patterns: [
        { fields: ["given_name", "birthdate"], records: 14_200, bestWeight: -2.1 },
        { fields: [], records: 1004, bestWeight: -18.2 },
      ],
    },
    blocks: [
      { key: "customer key of loyalty", pairs: 596_204, refinedValues: 0, skippedRecords: 0 },
      { key: "e-mail", pairs: 1_061_250, refinedValues: 12, skippedRecords: 1_402 },
      { key: "national id", pairs: 0, refinedValues: 0, skippedRecords: 0 },
    ],
    sharedValues: [],
    sizes: [],
    largest: [
      { profileId: margaret.profileId, records: 1_022, sources: 4 },
      { profileId: "c2e264d9-0d77-8334-9084-aae146aa496b", records: 17, sources: 4 },
    ],
  },
};

function check(
  name: string,
  found: number,
  of: number,
  limit: number,
  source: string,
): Made["report"]["health"][number] {
  const share = of === 0 ? 0 : found / of;
  return { name, found, of, share, limit, passes: share <= limit, source };
}

function field(
  name: string,
  levels: readonly (readonly [name: string, weight: number])[],
): Made["report"]["weights"]["fields"][number] {
  const shares = { person: 0.5, household: 0.1, stranger: 0.001 };
  return { name, levels: levels.map(([level, weight]) => ({ name: level, weight, ...shares })) };
}

function point(
  above: number,
  pairs: number,
  expectedPrecision: number,
  expectedRecall: number,
): Made["report"]["curve"][number] {
  return { above, pairs, expectedPrecision, expectedRecall };
}
