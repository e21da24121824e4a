import type { Bucket } from "@google-cloud/storage";
import type { OAuth2Client } from "google-auth-library";
import { type Environment, variable } from "../environment.ts";
import { optionalPackage } from "../optional-package.ts";
import { mostAttempts } from "../retry.ts";

/** `once` repeats nothing by itself: a conditional request that was carried out must not be sent again. */
export interface GcsClients {
  readonly repeating: Bucket;
  readonly once: Bucket;
}

/** GOOGLE_OAUTH_ACCESS_TOKEN: a token that somebody else got, and that ends by itself. */
async function givenToken(environment: Environment): Promise<OAuth2Client | undefined> {
  const token = variable(environment, "GOOGLE_OAUTH_ACCESS_TOKEN");
  if (token === undefined) return undefined;
  const { OAuth2Client } = await optionalPackage("google-auth-library", () => import("google-auth-library"));
  const client = new OAuth2Client();
  client.setCredentials({ access_token: token });
  return client;
}

/**
 * Keys come as Google's own libraries find them: GOOGLE_OAUTH_ACCESS_TOKEN, GOOGLE_APPLICATION_CREDENTIALS, or the machine's account. With
 * STORAGE_EMULATOR_HOST requests go there, unsigned.
 */
export async function openGcs(bucket: string, environment: Environment): Promise<GcsClients> {
  const { Storage } = await optionalPackage("@google-cloud/storage", () => import("@google-cloud/storage"));
  const authClient = await givenToken(environment);
  const emulator = variable(environment, "STORAGE_EMULATOR_HOST");
  const keyFilename = variable(environment, "GOOGLE_APPLICATION_CREDENTIALS");
  const place =
    emulator === undefined
      ? {}
      : { apiEndpoint: /^https?:/.test(emulator) ? emulator : `http://${emulator}`, projectId: "emulator" };
  const open = (retryOptions: { autoRetry: boolean; maxRetries?: number }): Bucket =>
    new Storage({
      ...place,
      ...(authClient === undefined ? keyFilename && { keyFilename } : { authClient }),
      retryOptions: { maxRetryDelay: 5, totalTimeout: 60, ...retryOptions },
    }).bucket(bucket);
  return { repeating: open({ autoRetry: true, maxRetries: mostAttempts }), once: open({ autoRetry: false }) };
}
