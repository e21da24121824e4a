import { oneLine } from "../key.ts";
import type { ObjectEntry } from "../store.ts";
import { badAnswer } from "./xml.ts";

/** Without its quotes. */
export function etagOf(text: string | null | undefined): string {
  const etag = (text ?? "").replace(/^W\//, "").replaceAll('"', "");
  if (etag === "") throw badAnswer("it states no ETag");
  return etag;
}

/** What the headers of GET or HEAD say about an object. */
export function entryOf(key: string, headers: Headers): ObjectEntry {
  const total = /^bytes (?:\d+-\d+|\*)\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  const sizeBytes = Number(total ?? headers.get("content-length") ?? Number.NaN);
  const modifiedMs = Date.parse(headers.get("last-modified") ?? "");
  if (!Number.isSafeInteger(sizeBytes) || Number.isNaN(modifiedMs))
    throw badAnswer(`it states no size or time of ${oneLine(key)}`);
  return { key, sizeBytes, etag: etagOf(headers.get("etag")), modifiedMs };
}
