import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AwsClient } from "aws4fetch";
import { newId } from "../../../src/base/index.ts";
import { type ObjectServer, startServer } from "./server.ts";

const motoScript = fileURLToPath(new URL("moto_server.py", import.meta.url));
const bucket = "lake-bucket";
const keys = { accessKeyId: "test-key", secretAccessKey: "test secret/+=" };

export async function startMoto(): Promise<ObjectServer> {
  return await s3Server(await startServer("moto/bin/python", (port) => [motoScript, String(port)]));
}

export async function startVersitygw(): Promise<ObjectServer> {
  const args = (port: number, folder: string): string[] => {
    mkdirSync(join(folder, "objects"));
    return ["--port", `127.0.0.1:${port}`, "posix", join(folder, "objects")];
  };
  const environment = { ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey };
  return await s3Server(await startServer("bin/versitygw", args, environment));
}

async function s3Server({ endpoint, stop }: Pick<ObjectServer, "endpoint" | "stop">): Promise<ObjectServer> {
  const client = new AwsClient({ ...keys, service: "s3", region: "us-east-1", retries: 0 });
  const made = await client.fetch(`${endpoint}/${bucket}`, { method: "PUT" });
  if (made.status !== 200) throw new Error(`no bucket: ${made.status} ${await made.text()}`);
  return { ...reachedByS3(endpoint, bucket, keys), stop };
}

/** How OneCopy reaches a bucket of an S3 server with an owner's keys. */
export function reachedByS3(
  endpoint: string,
  bucket: string,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
): Omit<ObjectServer, "stop"> {
  return {
    endpoint,
    environment: {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_REGION: "us-east-1",
    },
    newAddress: () => `s3://${bucket}/${newId()}/lake`,
  };
}
