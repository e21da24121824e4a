import { Storage } from "@google-cloud/storage";
import { newId } from "../../../src/base/index.ts";
import { type ObjectServer, startServer } from "./server.ts";

const bucket = "lake-bucket";

export async function startFakeGcs(): Promise<ObjectServer> {
  const args = (port: number): string[] => [
    ...["-scheme", "http", "-host", "127.0.0.1", "-port", String(port)],
    ...[
      "-backend",
      "memory",
      "-public-host",
      `127.0.0.1:${port}`,
      "-external-url",
      `http://127.0.0.1:${port}`,
    ],
  ];
  const { endpoint, stop } = await startServer("bin/fake-gcs-server", args);
  await new Storage({ apiEndpoint: endpoint, projectId: "test" }).createBucket(bucket);
  return {
    endpoint,
    stop,
    environment: { STORAGE_EMULATOR_HOST: endpoint },
    newAddress: () => `gs://${bucket}/${newId()}/lake`,
  };
}
