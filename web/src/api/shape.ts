import * as z from "zod/mini";

/**
 * The shapes that the admin API answers with. Parsed once, at the edge: a tab that stays open while the server is
 * upgraded gets a clear message instead of a broken page. Shapes are open: a newer server may add properties.
 */

// Zod's compiled parser probes `eval`, which the page's Content-Security-Policy refuses and reports.
z.config({ jitless: true });

const count = z.number();
const text = z.nullable(z.string());

/** One cell of a row: whatever JSON makes of a table's value. */
const cell = z.unknown();
const row = z.record(z.string(), cell);

const source = z.object({
  name: z.string(),
  kind: z.enum(["files", "mount"]),
  location: z.string(),
  records: count,
  tags: z.record(z.string(), z.string()),
});

const table = z.object({
  name: z.string(),
  version: count,
  rows: count,
  sizeBytes: count,
  files: count,
});

const segment = z.object({ name: z.string(), description: z.nullish(z.string()), people: z.nullable(count) });

const sync = z.object({
  name: z.string(),
  segment: z.string(),
  destination: z.string(),
  lastDelivery: z.nullable(z.object({ at: z.string(), added: count, changed: count, removed: count })),
});

const share = z.object({ name: z.string(), tables: z.array(z.string()), recipients: z.array(z.string()) });

const answer = z.object({ question: z.string(), answer: z.string(), details: z.array(z.string()) });

export const overviewShape = z.object({
  name: z.string(),
  revision: z.nullable(z.union([z.string(), z.number()])),
  lake: z.string(),
  sources: z.array(source),
  people: z.object({ profiles: count, records: count }),
  tables: z.array(table),
  segments: z.array(segment),
  syncs: z.array(sync),
  shares: z.array(share),
  answers: z.array(answer),
  demo: z.nullable(z.object({ f1: count, baselineF1: count })),
});

const healthCheck = z.object({
  name: z.string(),
  found: count,
  of: count,
  share: z.number(),
  limit: z.number(),
  passes: z.boolean(),
  source: z.string(),
});

const field = z.object({
  name: z.string(),
  levels: z.array(z.object({ name: z.string(), weight: z.number() })),
});

const curvePoint = z.object({
  above: z.number(),
  pairs: count,
  expectedPrecision: z.number(),
  expectedRecall: z.number(),
});

const unlinkable = z.object({
  records: count,
  of: count,
  patterns: z.array(z.object({ fields: z.array(z.string()), records: count })),
});

const block = z.object({ key: z.string(), pairs: count, refinedValues: count, skippedRecords: count });

const largeProfile = z.object({ profileId: z.string(), records: count, sources: count });

const identityReport = z.object({
  records: count,
  profiles: count,
  movement: z.nullable(z.object({ moved: count, of: count, jitter: z.number() })),
  health: z.array(healthCheck),
  weights: z.object({ priorPerson: z.number(), fields: z.array(field) }),
  curve: z.array(curvePoint),
  unlinkable,
  blocks: z.array(block),
  largest: z.array(largeProfile),
});

const model = z.object({ version: count, trainedAt: text, why: z.string() });

export const peopleReportShape = z.discriminatedUnion("state", [
  z.object({ state: z.literal("nothing_yet") }),
  z.object({ state: z.literal("out_of_date") }),
  z.object({
    state: z.literal("made"),
    resolvedAt: z.string(),
    model: z.nullable(model),
    report: identityReport,
  }),
]);

const found = z.object({ profileId: z.string(), name: text, email: text, city: text, records: count });

export const searchShape = z.object({ profiles: z.array(found) });

const recordKey = z.object({ source: z.string(), recordId: z.string() });

const evidence = z.object({
  comparison: z.string(),
  level: z.string(),
  left: cell,
  right: cell,
  /** Base-2 logarithm of how much likelier one person becomes by this comparison. */
  weight: z.number(),
});

const link = z.object({
  left: recordKey,
  right: recordKey,
  probability: z.number(),
  weight: z.number(),
  evidence: z.array(evidence),
});

export const profileShape = z.object({
  profileId: z.string(),
  merged: row,
  attributes: row,
  records: z.array(z.object({ source: z.string(), recordId: z.string(), values: row })),
  links: z.array(link),
});

export const failureShape = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.nullish(z.string()),
});

export type Overview = z.infer<typeof overviewShape>;
export type Source = z.infer<typeof source>;
export type TableFigure = z.infer<typeof table>;
export type Sync = z.infer<typeof sync>;
export type Share = z.infer<typeof share>;
export type Segment = z.infer<typeof segment>;
export type Answer = z.infer<typeof answer>;
export type HealthCheck = z.infer<typeof healthCheck>;
export type Field = z.infer<typeof field>;
export type CurvePoint = z.infer<typeof curvePoint>;
export type Unlinkable = z.infer<typeof unlinkable>;
export type Block = z.infer<typeof block>;
export type LargeProfile = z.infer<typeof largeProfile>;
export type IdentityReport = z.infer<typeof identityReport>;
export type MadeReport = Extract<z.infer<typeof peopleReportShape>, { state: "made" }>;
export type FoundProfile = z.infer<typeof found>;
export type RecordKey = z.infer<typeof recordKey>;
export type Evidence = z.infer<typeof evidence>;
export type Link = z.infer<typeof link>;
export type Profile = z.infer<typeof profileShape>;
export type SourceRecord = Profile["records"][number];
