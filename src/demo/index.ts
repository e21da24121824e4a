export { baseline } from "./baseline.ts";
export { contacts, truth } from "./contacts.ts";
export { DEFAULT_PEOPLE, type DemoOptions, type DemoSummary, generateDemo } from "./generate.ts";
export { type DemoMeasure, measureDemo } from "./measure.ts";
