import { AwsV4Signer } from "aws4fetch";
import { OneCopyError, messageOf } from "../../base/index.ts";
import type { LentKeys, LentRight } from "../lending.ts";
import { backOff } from "../retry.ts";
import { readBody } from "./body.ts";
import { sessionPolicy } from "./session-policy.ts";
import type { S3Settings } from "./settings.ts";
import { parseXml, textOf } from "./xml.ts";

/** The shortest that the service gives (AWS STS, AssumeRole, `DurationSeconds`). */
const LIFE_SECONDS = 900;
/** What the service's clock may be ahead, beside what it took to answer. */
const CLOCKS_APART_MS = 60_000;
const PATIENCE_MS = 10_000;
const ATTEMPTS = 4;
/** Inline session policies may be so long (AWS STS, AssumeRole, `Policy`). */
const LONGEST_POLICY = 2048;

type Settings = S3Settings & { readonly lending: NonNullable<S3Settings["lending"]> };

/**
 * Keys from AWS's Security Token Service (AssumeRole), or another store's that speaks its protocol: of the role, cut down to one
 * folder. `folder`: its object key in the bucket. The service's log names `holder` as the session.
 */
export async function assumeRole(
  settings: Settings,
  {
    folder,
    may,
    holder,
    dateMs,
  }: {
    readonly folder: string;
    readonly may: LentRight;
    readonly holder: string;
    readonly dateMs: () => number;
  },
): Promise<LentKeys> {
  const policy = JSON.stringify(sessionPolicy(settings, folder, may));
  if (policy.length > LONGEST_POLICY)
    throw new OneCopyError("storage.failed", `The policy of keys to ${folder} would be too long.`, {
      remedy: "Keep the lake under a shorter prefix, or share the table by the addresses of its files.",
    });
  const { role, endpoint } = settings.lending;
  const body = new URLSearchParams({
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: role,
    RoleSessionName: `onecopy-${holder.replaceAll(/[^\w+=,.@-]/g, "-")}`.slice(0, 64),
    DurationSeconds: String(LIFE_SECONDS),
    Policy: policy,
  }).toString();
  const answer = await ask(settings, endpoint, body, dateMs);
  return keysIn(settings, answer, dateMs());
}

async function ask(settings: Settings, endpoint: URL, body: string, dateMs: () => number): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const { status, text } = await asked(settings, endpoint, body, dateMs()).catch((cause: unknown) => {
      throw new OneCopyError(
        "storage.unreachable",
        `AssumeRole at ${endpoint.origin} had no answer: ${messageOf(cause)}`,
        {
          cause,
          remedy: "See that AWS_ENDPOINT_URL_STS (or the region) is right and can be reached from here.",
        },
      );
    });
    if (status === 200) return text;
    const isBusy = status === 429 || status >= 500 || /<Code>Throttling/.test(text);
    if (!isBusy || attempt === ATTEMPTS) throw refused(settings, status, text);
    await backOff(attempt);
  }
}

async function asked(
  { credentials, region }: Settings,
  endpoint: URL,
  body: string,
  dateMs: number,
): Promise<{ readonly status: number; readonly text: string }> {
  if (credentials === undefined) throw new Error("no keys are set to ask with");
  const signer = new AwsV4Signer({
    method: "POST",
    url: endpoint.href,
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body,
    service: "sts",
    region,
    datetime: new Date(dateMs).toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
    ...credentials,
  });
  const { headers } = await signer.sign();
  const response = await fetch(endpoint, {
    method: "POST",
    headers,
    body,
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const bytes = await readBody(response, 100_000, () => undefined);
  return { status: response.status, text: new TextDecoder().decode(bytes) };
}

function keysIn(
  { region, endpoint, urlStyle, isOwnEndpoint }: Settings,
  answer: string,
  dateMs: number,
): LentKeys {
  const result = parseXml(answer).children.find(({ name }) => name === "AssumeRoleResult");
  const found = result?.children.find(({ name }) => name === "Credentials");
  const [accessKeyId, secretAccessKey, sessionToken, expiration] = [
    "AccessKeyId",
    "SecretAccessKey",
    "SessionToken",
    "Expiration",
  ].map((name) => found && textOf(found, name));
  const expiresAt = new Date(expiration ?? "");
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expiresAt.getTime()))
    throw new OneCopyError("storage.failed", "AssumeRole was answered without keys.");
  // What is promised of a revocation would not hold.
  if (expiresAt.getTime() > dateMs + LIFE_SECONDS * 1000 + CLOCKS_APART_MS)
    throw new OneCopyError(
      "storage.failed",
      `AssumeRole was asked for keys of ${LIFE_SECONDS} seconds, and gave some that end at ${expiresAt.toISOString()}.`,
      { remedy: "Use a service that heeds DurationSeconds, or unset ONECOPY_S3_LENDING_ROLE." },
    );
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiresAt,
    region,
    endpoint: isOwnEndpoint ? endpoint.href.replace(/\/$/, "") : undefined,
    urlStyle,
  };
}

function refused({ lending, region }: Settings, status: number, text: string): OneCopyError {
  const code = /<Code>([\w.]{1,80})<\/Code>/.exec(text)?.[1] ?? "";
  const isDenied = status === 401 || status === 403;
  return new OneCopyError(
    isDenied ? "storage.denied" : "storage.failed",
    `AssumeRole of ${lending.role} at ${lending.endpoint.origin} (${region}) was refused: ${status} ${code}`,
    {
      remedy: isDenied
        ? "Let the role's trust policy name OneCopy's own keys, and give these sts:AssumeRole on it; or unset ONECOPY_S3_LENDING_ROLE."
        : "See that ONECOPY_S3_LENDING_ROLE and AWS_REGION are right.",
    },
  );
}
