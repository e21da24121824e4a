export {
  DEFAULT_PEOPLE,
  DEFAULT_SEED,
  type DemoOptions,
  type DemoSummary,
  generateDemo,
} from "./generate.ts";
export { type DemoMemory, readDemoMemory, writeDemoMemory } from "./memory.ts";
export { type DemoMeasure, measureDemo } from "./measure.ts";
