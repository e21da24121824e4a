export { baseline } from "./baseline.ts";
export { contacts, truth } from "./contacts.ts";
export { DEFAULT_PEOPLE, DEFAULT_SEED, type DemoOptions, type DemoSummary, generateDemo } from "./generate.ts";
export { DemoMeasured, MEASURED_FILE } from "./measured.ts";
export { type DemoMeasure, measureDemo } from "./measure.ts";
