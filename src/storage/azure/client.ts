import type { ContainerClient } from "@azure/storage-blob";
import { optionalPackage } from "../optional-package.ts";
import { mostAttempts } from "../retry.ts";
import type { AzureSettings } from "./settings.ts";

/** `once` repeats nothing by itself: a conditional request that was carried out must not be sent again. */
export interface AzureClients {
  readonly repeating: ContainerClient;
  readonly once: ContainerClient;
}

export async function openAzure({ account, container, access }: AzureSettings): Promise<AzureClients> {
  const blob = await optionalPackage("@azure/storage-blob", () => import("@azure/storage-blob"));
  const open = (maxTries: number): ContainerClient => {
    const options = { retryOptions: { maxTries, retryDelayInMs: 200, maxRetryDelayInMs: 5000 } };
    const endpoint = `https://${account}.blob.core.windows.net`;
    switch (access.kind) {
      case "connection string":
        return blob.BlobServiceClient.fromConnectionString(
          access.connectionString,
          options,
        ).getContainerClient(container);
      case "key":
        return new blob.BlobServiceClient(
          endpoint,
          new blob.StorageSharedKeyCredential(account, access.key),
          options,
        ).getContainerClient(container);
      default:
        return new blob.BlobServiceClient(
          `${endpoint}?${access.token}`,
          undefined,
          options,
        ).getContainerClient(container);
    }
  };
  return { repeating: open(mostAttempts), once: open(1) };
}
