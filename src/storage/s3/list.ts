import { compareKeys } from "../key-order.ts";
import { isKey, oneLine } from "../key.ts";
import type { ObjectEntry } from "../store.ts";
import type { S3Client } from "./client.ts";
import { etagOf } from "./entry.ts";
import { s3Error } from "./error.ts";
import { type XmlElement, badAnswer, parseXml, textOf } from "./xml.ts";

/** The objects with a prefix, a thousand a request (ListObjectsV2). `prefix` and `startAfter` are without the store's. */
export async function* listObjects(
  client: S3Client,
  prefix: string,
  startAfter: string | undefined,
): AsyncGenerator<ObjectEntry> {
  const { settings } = client;
  const root = settings.prefix;
  let token: string | undefined;
  let last: string | undefined;
  do {
    const response = await client.send({
      method: "GET",
      objectKey: "",
      query: {
        "list-type": "2",
        "encoding-type": "url",
        prefix: root + prefix,
        ...(startAfter === undefined || startAfter === "" ? {} : { "start-after": root + startAfter }),
        ...(token === undefined ? {} : { "continuation-token": token }),
      },
    });
    if (response.status !== 200) throw s3Error("list", root + prefix, settings, response);
    const page = parseXml(new TextDecoder().decode(response.body));
    if (page.name !== "ListBucketResult") throw badAnswer(`a listing is expected, found <${page.name}>`);
    const decode = textOf(page, "EncodingType") === "url" ? decodeKey : (text: string): string => text;
    for (const element of page.children) {
      if (element.name !== "Contents") continue;
      const objectKey = decode(textOf(element, "Key") ?? "");
      if (last !== undefined && compareKeys(objectKey, last) <= 0)
        throw badAnswer(
          `${oneLine(objectKey)} is listed after ${oneLine(last)}, so the keys are not in order`,
        );
      last = objectKey;
      const key = objectKey.slice(root.length);
      if (!objectKey.startsWith(root + prefix) || !isKey(key)) continue; // a folder that a console made, `x/`
      if (startAfter !== undefined && compareKeys(key, startAfter) <= 0) continue;
      yield entryOf(key, element);
    }
    token = textOf(page, "IsTruncated") === "true" ? textOf(page, "NextContinuationToken") : undefined;
  } while (token !== undefined && token !== "");
}

function entryOf(key: string, element: XmlElement): ObjectEntry {
  const sizeBytes = Number(textOf(element, "Size"));
  const modifiedMs = Date.parse(textOf(element, "LastModified") ?? "");
  if (!Number.isSafeInteger(sizeBytes) || Number.isNaN(modifiedMs))
    throw badAnswer(`the listing gives no size or time of ${oneLine(key)}`);
  // Other requests tell whole seconds only.
  return {
    key,
    sizeBytes,
    etag: etagOf(textOf(element, "ETag")),
    modifiedMs: modifiedMs - (modifiedMs % 1000),
  };
}

/** As forms are encoded: a space may be written +. */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw badAnswer("a key in the listing is not percent-encoded UTF-8");
  }
}
