import type { DemoOptions, DemoSummary } from "./options.ts";

export { type DemoMemory, readDemoMemory, writeDemoMemory } from "./memory.ts";
export { type DemoMeasure, measureDemo } from "./measure.ts";
export { DEFAULT_PEOPLE, DEFAULT_SEED, type DemoOptions, type DemoSummary } from "./options.ts";

/** See generate.ts. Names and places are loaded only when a demo is made: every other command starts without them. */
export async function generateDemo(options: DemoOptions): Promise<DemoSummary> {
  const { generateDemo: generate } = await import("./generate.ts");
  return generate(options);
}
export { Draws } from "./draws.ts";
