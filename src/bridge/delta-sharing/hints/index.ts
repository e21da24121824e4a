export { type Hints, hintedFiles, limitOf } from "./hints.ts";
