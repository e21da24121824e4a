import { badUrl } from "../bad-url.ts";
import { parseBucketAddress } from "../bucket-address.ts";
import { type Environment, variable } from "../environment.ts";

export interface AzureSettings {
  readonly account: string;
  readonly container: string;
  /** "" or ends with a slash. */
  readonly prefix: string;
  readonly access: AzureAccess;
}

export type AzureAccess =
  | { readonly kind: "connection string"; readonly connectionString: string }
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "sas"; readonly token: string };

const form = "abfss://container@account.dfs.core.windows.net/path or az://container/path";

/**
 * Where a container is: from its address, and AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT (which an
 * abfss address names itself) with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN.
 */
export function azureSettings(address: string, environment: Environment): AzureSettings {
  const { host, prefix } = parseBucketAddress(address, form);
  const [container = "", server] = host.split("@");
  const connectionString = variable(environment, "AZURE_STORAGE_CONNECTION_STRING");
  const ofVariables =
    connectionString === undefined
      ? variable(environment, "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME")
      : accountOf(connectionString);
  const named = server === undefined ? undefined : accountNamed(server);
  const account = named ?? ofVariables;
  if (account === undefined)
    throw badUrl(
      "no storage account is named",
      "Write abfss://container@account.dfs.core.windows.net/path, or set AZURE_STORAGE_ACCOUNT.",
    );
  if (connectionString !== undefined && account !== ofVariables)
    throw badUrl(
      `AZURE_STORAGE_CONNECTION_STRING is of another account than the address, ${account}`,
      "Set it to the connection string of this account, or unset it and set AZURE_STORAGE_KEY.",
    );
  return { account, container, prefix, access: accessOf(environment, connectionString) };
}

function accountNamed(server: string): string {
  const account = /^([a-z0-9]{3,24})\.(?:dfs|blob)\.core\.windows\.net$/i.exec(server)?.[1];
  if (account !== undefined) return account;
  throw badUrl("what follows the @ is not <account>.dfs.core.windows.net", `Write ${form}.`);
}

function accountOf(connectionString: string): string | undefined {
  if (/UseDevelopmentStorage=true/i.test(connectionString)) return "devstoreaccount1";
  return /(?:^|;)\s*AccountName=([^;]+)/i.exec(connectionString)?.[1];
}

function accessOf(environment: Environment, connectionString: string | undefined): AzureAccess {
  if (connectionString !== undefined) return { kind: "connection string", connectionString };
  const key = variable(environment, "AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY");
  if (key !== undefined) return { kind: "key", key };
  const token = variable(environment, "AZURE_STORAGE_SAS_TOKEN");
  if (token !== undefined) return { kind: "sas", token: token.replace(/^\?/, "") };
  throw badUrl(
    "no key to the storage account is set",
    "Set AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN.",
  );
}
