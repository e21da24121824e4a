import { OneCopyError } from "../base/index.ts";

/** Folder names that hold an adapter's own files: never a part of a key, never listed. */
export const hiddenFolder = ".onecopy-tmp";

const longestKeyBytes = 1024; // S3 and GCS; longer keys would tie a lake to one kind of store

/** Most keys: nothing in them is to be looked at more closely. */
const plainKey = /^\w[\w.=-]*(?:\/\w[\w.=-]*)*$/;

/** Refuses what is not a key, with `storage.bad_key`. */
export function checkKey(key: string): void {
  if (key.length <= longestKeyBytes && plainKey.test(key)) return;
  if (key === "") throw badKey(key, "it is empty");
  checkText(key);
  key.split("/").forEach((segment) => checkSegment(key, segment));
}

/** Whether an object that somebody else put may have this key here; others are not listed. */
export function isKey(key: string): boolean {
  try {
    checkKey(key);
    return true;
  } catch {
    return false;
  }
}

/** A prefix is the beginning of a key: everything up to its last `/` is whole segments. */
export function checkPrefix(prefix: string): void {
  checkText(prefix);
  prefix
    .split("/")
    .slice(0, -1)
    .forEach((segment) => checkSegment(prefix, segment));
}

export function badKey(key: string, why: string): OneCopyError {
  return new OneCopyError("storage.bad_key", `The key ${JSON.stringify(key)} is refused: ${why}.`, {
    remedy: "Keys are relative to the store's root: names separated by single slashes, without `.` and `..`.",
  });
}

/** An address or a key on one line of a message or a log, whatever its characters: `x\\n`. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (character) =>
    character.codePointAt(0)! < 0x20
      ? JSON.stringify(character).slice(1, -1)
      : `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
}

function checkText(key: string): void {
  if (key.includes("\0")) throw badKey(key, "it holds a NUL character");
  if (/\p{Surrogate}/u.test(key)) throw badKey(key, "it is not valid Unicode");
  if (Buffer.byteLength(key) > longestKeyBytes)
    throw badKey(key, `it is longer than ${longestKeyBytes} bytes`);
}

function checkSegment(key: string, segment: string): void {
  if (segment === "") throw badKey(key, "it starts or ends with a slash, or has two in a row");
  if (segment === "." || segment === "..") throw badKey(key, `it has a \`${segment}\` segment`);
  if (segment === hiddenFolder)
    throw badKey(key, `\`${hiddenFolder}\` is where the store keeps unfinished files`);
}
