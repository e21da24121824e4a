import { OneCopyError, messageOf } from "../../base/index.ts";
import { badKey, oneLine } from "../key.ts";

/** The error number's name, `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

export function isAbsence(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR";
}

const remedies: Readonly<Record<string, string>> = {
  EACCES: "Give the user that runs OneCopy the right to read and write in this folder.",
  EPERM: "Give the user that runs OneCopy the right to read and write in this folder.",
  EROFS: "The file system is mounted read-only; choose another folder or mount it for writing.",
  ENOSPC: "The disk is full: free some space and run again. Nothing half-written is left under the key.",
  EDQUOT:
    "The disk quota is used up: free some space and run again. Nothing half-written is left under the key.",
  EXDEV: "A folder of the store lies on another file system; keep a store on one.",
  EMFILE: "Too many files are open: raise the limit (ulimit -n).",
};

/** What the file system refused, in the words of the port. */
export function fileError(action: string, key: string, path: string, cause: unknown): OneCopyError {
  if (cause instanceof OneCopyError) return cause;
  const code = codeOf(cause) ?? "";
  if (code === "ENAMETOOLONG") return badKey(key, `the path ${path} is too long for the file system`);
  if (code === "ENOTDIR" || code === "EEXIST") return badKey(key, "an object stands where it needs a folder");
  if (code === "EISDIR") return badKey(key, "a folder stands where it needs an object");
  const remedy = remedies[code];
  return new OneCopyError(
    "storage.failed",
    `Could not ${action} ${oneLine(`${path}: ${messageOf(cause)}`)}`,
    {
      cause,
      ...(remedy === undefined ? {} : { remedy }),
    },
  );
}
