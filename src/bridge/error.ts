import { OneCopyError } from "../base/index.ts";

/** What a request may be answered with besides success; each protocol has its own status and words for it. */
export type Refusal = "not_found" | "bad_parameter" | "malformed" | "unsupported";

/** The error by which a request is refused. The message goes to the client. */
export function refuse(refusal: Refusal, message: string): OneCopyError {
  return new OneCopyError(`bridge.${refusal}`, message);
}

/** Whether an error is that the storage can't be used: no permission, no network, no space. It may be given back. */
export function isStorageFailure(error: unknown): boolean {
  return error instanceof OneCopyError && /^(storage\.(?!bad_)|access\.not_logged$)/.test(error.code);
}

/** The refusal that an error stands for; undefined for what went wrong inside. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof OneCopyError)) return undefined;
  const refusal = /^bridge\.(not_found|bad_parameter|malformed|unsupported)$/.exec(error.code)?.[1];
  return refusal as Refusal | undefined;
}
