import { OneCopyError } from "../base/index.ts";
import { oneLine } from "./key.ts";

/** A new object was to have a name that is taken. */
export function objectExists(url: string, key: string): OneCopyError {
  return new OneCopyError("storage.exists", `${url}${oneLine(key)} is there already, and is not replaced.`, {
    remedy: "Objects that a local file becomes need a new name each, such as one with an id in it.",
  });
}
