import { badUrl } from "./bad-url.ts";
import { isKey } from "./key.ts";

/** `scheme://host/prefix`, raw. The prefix is "" or ends with a slash. */
export interface BucketAddress {
  readonly host: string;
  readonly prefix: string;
}

/**
 * Takes apart the address of a bucket or container. Nothing in it is percent-encoded, as in addresses that table
 * metadata states. Fails with `storage.bad_url`.
 */
export function parseBucketAddress(address: string, form: string): BucketAddress {
  const [, host = "", path = ""] = /^[a-z0-9+.-]+:\/\/([^/]*)\/?(.*)$/is.exec(address) ?? [];
  const remedy = `Write ${form}, with the prefix as the store spells it.`;
  if (!/^[a-z0-9][a-z0-9._@-]*$/i.test(host) || host.indexOf("@") !== host.lastIndexOf("@"))
    throw badUrl("what follows // is no name of a bucket (no key belongs in an address)", remedy);
  const prefix = path.replace(/\/$/, "");
  if (prefix === "") return { host, prefix };
  if (/[?#%\\]/.test(prefix)) throw badUrl("the prefix holds a ?, #, % or backslash", remedy);
  if (!isKey(prefix)) throw badUrl("the prefix has an empty, `.` or `..` segment", remedy);
  return { host, prefix: `${prefix}/` };
}
