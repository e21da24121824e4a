import { z } from "zod";

/** What the demo's folder remembers of its making and its measure, for the next `onecopy demo` and the web app. */
export const DemoMeasured = z.object({
  people: z.int(),
  seed: z.int(),
  /** Missing until the people were resolved for the first time. */
  f1: z.number().optional(),
  baselineF1: z.number().optional(),
});
export type DemoMeasured = z.infer<typeof DemoMeasured>;

export const MEASURED_FILE = "demo.json";
