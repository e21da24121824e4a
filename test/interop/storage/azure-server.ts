import { BlobServiceClient } from "@azure/storage-blob";
import { newId } from "../../../src/base/index.ts";
import { type ObjectServer, startServer } from "./server.ts";

const container = "lake-container";
/** Azurite's own, the same everywhere: no secret. */
const account = "devstoreaccount1";
const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

export async function startAzurite(): Promise<ObjectServer> {
  const args = (port: number): string[] => [
    ...["--blobHost", "127.0.0.1", "--blobPort", String(port)],
    ...["--inMemoryPersistence", "--skipApiVersionCheck", "--silent"],
  ];
  const { endpoint, stop } = await startServer("node_modules/.bin/azurite-blob", args);
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=${endpoint}/${account};`;
  await BlobServiceClient.fromConnectionString(connectionString).createContainer(container);
  return {
    endpoint,
    stop,
    environment: { AZURE_STORAGE_CONNECTION_STRING: connectionString },
    newAddress: () => `az://${container}/${newId()}/lake`,
  };
}
