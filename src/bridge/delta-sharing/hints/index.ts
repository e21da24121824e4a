export { type Hints, hintedFiles } from "./hints.ts";
