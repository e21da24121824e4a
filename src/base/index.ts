export { OneCopyError, messageOf } from "./error.ts";
export { type Clock, fixedClock, systemClock } from "./clock.ts";
export { idOfText, newId } from "./id.ts";
export { JsonNumber, parseLossless, stringifyLossless } from "./json.ts";
export { canonicalJson, sha256 } from "./hash.ts";
export { type Liveness, liveness, processTag } from "./process.ts";
