import type { Environment } from "../../../storage/index.ts";
import type { LoadedTable } from "./client.ts";

/** Names that the environment of a store has no part in; kept so that keys of this machine do not mix with the catalog's. */
const keysOfOthers =
  /^(AWS_|AZURE_STORAGE_|GOOGLE_APPLICATION_CREDENTIALS$|GOOGLE_OAUTH_ACCESS_TOKEN$|ONECOPY_S3_URL_STYLE$)/;

/**
 * What the catalog gave for the table's storage (REST specification, `LoadTableResult`): the credentials of the longest
 * prefix, which come before those in `config`. undefined: it gave none, and this machine's own are used, with its own
 * endpoints: a catalog must not send what they sign elsewhere.
 */
export function vendedEnvironment(table: LoadedTable, own: Environment): Environment | undefined {
  const config = configFor(table);
  const vended = variablesOf(config, table.metadata.location);
  if (vended === undefined) return undefined;
  const rest = Object.entries(own).filter(([name]) => !keysOfOthers.test(name));
  return { ...Object.fromEntries(rest), ...vended };
}

/** When the keys end, in milliseconds since 1970; undefined: it is not said. */
export function credentialsEndMs(table: LoadedTable): number | undefined {
  const config = configFor(table);
  const stated = Object.entries(config).filter(([key]) =>
    /^(s3\.session-token-expires-at-ms|gcs\.oauth2\.token-expires-at|adls\.sas-token-expires-at-ms\..+)$/.test(
      key,
    ),
  );
  const ends = stated.map(([, text]) => Number(text)).filter((end) => Number.isFinite(end));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function configFor({
  config,
  metadata,
  "storage-credentials": credentials,
}: LoadedTable): Readonly<Record<string, string>> {
  const fitting = credentials.filter(({ prefix }) => metadata.location.startsWith(prefix));
  const [best] = fitting.sort((a, b) => b.prefix.length - a.prefix.length);
  return { ...config, ...best?.config };
}

function variablesOf(config: Readonly<Record<string, string>>, location: string): Environment | undefined {
  if (/^s3[an]?:/i.test(location)) return ofS3(config);
  if (/^(abfss?|wasbs?):/i.test(location)) return ofAzure(config, location);
  if (/^gs:/i.test(location) && config["gcs.oauth2.token"] !== undefined)
    return { GOOGLE_OAUTH_ACCESS_TOKEN: config["gcs.oauth2.token"] };
  return undefined;
}

function ofS3(config: Readonly<Record<string, string>>): Environment | undefined {
  const [id, secret] = [config["s3.access-key-id"], config["s3.secret-access-key"]];
  if (id === undefined || secret === undefined) return undefined;
  return {
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: config["s3.session-token"],
    AWS_REGION: config["s3.region"] ?? config["client.region"],
    AWS_ENDPOINT_URL_S3: config["s3.endpoint"],
    ...(config["s3.path-style-access"] === "true" ? { ONECOPY_S3_URL_STYLE: "path" } : {}),
  };
}

/** `adls.sas-token.<account>` or `adls.sas-token.<account>.dfs.core.windows.net`. */
function ofAzure(config: Readonly<Record<string, string>>, location: string): Environment | undefined {
  const account = /@([^./]+)\./.exec(location)?.[1];
  const [, token] =
    Object.entries(config).find(
      ([key]) => account !== undefined && new RegExp(`^adls\\.sas-token\\.${account}(\\.|$)`).test(key),
    ) ?? [];
  return token === undefined ? undefined : { AZURE_STORAGE_SAS_TOKEN: token };
}
