import { badUrl } from "../bad-url.ts";
import { parseBucketAddress } from "../bucket-address.ts";
import { type Environment, variable } from "../environment.ts";
import type { S3Connection } from "../store.ts";

export interface S3Settings {
  readonly bucket: string;
  /** "" or ends with a slash. */
  readonly prefix: string;
  readonly region: string;
  /** Scheme, host and port of the service. */
  readonly endpoint: URL;
  /** It is not AWS's. */
  readonly isOwnEndpoint: boolean;
  readonly urlStyle: "path" | "vhost";
  /** undefined: requests are not signed. */
  readonly credentials: S3Connection["credentials"];
  /** The role that keys for others are of, and where it is asked for; undefined: there are none. */
  readonly lending: { readonly role: string; readonly endpoint: URL } | undefined;
}

/**
 * Where a bucket is, from its address and the usual variables: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN, AWS_REGION (or AWS_DEFAULT_REGION), AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL). The bucket
 * stands in the path at an endpoint of one's own, in the host's name at AWS; ONECOPY_S3_URL_STYLE says otherwise.
 * ONECOPY_S3_LENDING_ROLE is asked for at AWS_ENDPOINT_URL_STS; default: the endpoint of one's own, else AWS's of the region.
 */
export function s3Settings(address: string, environment: Environment): S3Settings {
  const { host: bucket, prefix } = parseBucketAddress(address, "s3://bucket/prefix");
  if (bucket.includes("@"))
    throw badUrl(
      "there is an @ before the bucket",
      "Keys do not belong in an address: set AWS_ACCESS_KEY_ID.",
    );
  const region = variable(environment, "AWS_REGION", "AWS_DEFAULT_REGION") ?? "us-east-1";
  const own = variable(environment, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  const endpoint =
    own === undefined
      ? new URL(awsEndpoint("s3", region))
      : endpointOf(own, "AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL)");
  const byDefault = own === undefined && !bucket.includes(".") ? "vhost" : "path";
  const style = variable(environment, "ONECOPY_S3_URL_STYLE") ?? byDefault;
  if (style !== "path" && style !== "vhost")
    throw badUrl(
      "ONECOPY_S3_URL_STYLE is neither path nor vhost",
      "Set it to path or to vhost, or leave it out.",
    );
  return {
    bucket,
    prefix,
    region,
    endpoint,
    isOwnEndpoint: own !== undefined,
    urlStyle: style,
    credentials: credentialsOf(environment),
    lending: lendingOf(environment, region, own),
  };
}

function lendingOf(environment: Environment, region: string, own: string | undefined): S3Settings["lending"] {
  const role = variable(environment, "ONECOPY_S3_LENDING_ROLE");
  if (role === undefined) return undefined;
  const stated = variable(environment, "AWS_ENDPOINT_URL_STS") ?? own;
  const endpoint =
    stated === undefined ? new URL(awsEndpoint("sts", region)) : endpointOf(stated, "AWS_ENDPOINT_URL_STS");
  return { role, endpoint };
}

/** The address of an object, or of the bucket: all parts percent-encoded as a signature has them (RFC 3986). */
export function objectUrl(
  settings: S3Settings,
  objectKey: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const { origin, path } = addressOf(settings);
  const search = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const question = search.length === 0 ? "" : `?${search.join("&")}`;
  return new URL(origin + path + encodePath(objectKey) + question);
}

/** What the addresses of all objects begin with: `https://bucket.s3.amazonaws.com`, and a path that ends with `/`. */
export function addressOf({ endpoint, bucket, urlStyle }: S3Settings): {
  readonly origin: string;
  readonly path: string;
} {
  const base = urlStyle === "path" ? endpoint.href : endpoint.href.replace("://", `://${bucket}.`);
  const { origin, pathname } = new URL(base.replace(/\/*$/, "/"));
  return { origin, path: urlStyle === "path" ? `${pathname}${encode(bucket)}/` : pathname };
}

export function encodePath(objectKey: string): string {
  return objectKey.split("/").map(encode).join("/");
}

export function encode(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** AWS's own address of a service. */
export function awsEndpoint(service: "s3" | "sts", region: string): string {
  return `https://${service}.${region}.${region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com"}`;
}

function endpointOf(text: string, variables: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const usable =
    url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "";
  if (usable) return url;
  throw badUrl(
    `${variables} is no http:// or https:// address`,
    "Write the service's address, as in https://s3.example.com:9000, without keys.",
  );
}

function credentialsOf(environment: Environment): S3Connection["credentials"] {
  const accessKeyId = variable(environment, "AWS_ACCESS_KEY_ID");
  const secretAccessKey = variable(environment, "AWS_SECRET_ACCESS_KEY");
  const sessionToken = variable(environment, "AWS_SESSION_TOKEN");
  if (accessKeyId === undefined && secretAccessKey === undefined) return undefined;
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw badUrl(
      "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set",
      "Set both, or none for a bucket that everybody may read.",
    );
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
