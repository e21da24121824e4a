import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { OneCopyError, messageOf } from "../../base/index.ts";
import { oneLine } from "../key.ts";
import { backOff, mostAttempts } from "../retry.ts";
import { readBody } from "./body.ts";
import { errorCode } from "./error.ts";
import { type S3Settings, objectUrl } from "./settings.ts";

export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** With the store's prefix; "" is the bucket. */
  readonly objectKey: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** The answer's body may be so long; default 16 MiB. */
  readonly mostBytes?: number;
}

export interface S3Response {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Told of every request that is sent, repeated ones too. */
export type RequestListener = (request: { readonly method: string; readonly objectKey: string }) => void;

const noAnswerAfterMs = 30_000;
/** A connection slower than this is taken for broken. */
const slowestBytesPerMs = 50;

/** Signs requests, sends them, and repeats those that may be repeated. */
export class S3Client {
  /** What the server's clock is ahead of ours. */
  private skewMs = 0;
  private readonly signingKeys = new Map<string, ArrayBuffer>();

  constructor(
    readonly settings: S3Settings,
    private readonly onRequest: RequestListener | undefined,
    private readonly nowMs: () => number,
  ) {}

  /** For what may be done twice: answers of a busy or broken server, and broken connections, are followed by another attempt. */
  async send(request: S3Request): Promise<S3Response> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.attempt(request).then(
        (response) => response,
        (cause: unknown) => ({ cause }),
      );
      if (!("cause" in outcome)) {
        if (this.correctsClock(outcome) && attempt < mostAttempts) continue;
        if (!isBusy(outcome) || attempt === mostAttempts) return outcome;
        await backOff(attempt, retryAfterMs(outcome));
      } else {
        if (outcome.cause instanceof OneCopyError || attempt === mostAttempts)
          throw this.broken(request, outcome.cause);
        await backOff(attempt);
      }
    }
  }

  /**
   * For what must not be done twice. Only a request that certainly changed nothing is repeated: one that was never
   * sent, or refused for its time. `unknown`: it may have been carried out.
   */
  async sendOnce(request: S3Request): Promise<S3Response | { readonly unknown: unknown }> {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.attempt(request);
        if (this.correctsClock(response) && attempt < mostAttempts) continue;
        if (!isBusy(response)) return response;
        return { unknown: new Error(`the store answered ${response.status} ${errorCode(response) ?? ""}`) };
      } catch (cause) {
        if (!neverSent(cause)) return { unknown: cause };
        if (attempt === mostAttempts) throw this.broken(request, cause);
        await backOff(attempt);
      }
    }
  }

  private async attempt(request: S3Request): Promise<S3Response> {
    const { method, objectKey, body, mostBytes = 16 * 2 ** 20 } = request;
    const url = objectUrl(this.settings, objectKey, request.query);
    this.onRequest?.({ method, objectKey });
    const noAnswer = new AbortController();
    const patienceMs = noAnswerAfterMs + (body?.length ?? 0) / slowestBytesPerMs;
    const timer = setTimeout(
      () => noAnswer.abort(new Error(`no answer within ${Math.round(patienceMs / 1000)} seconds`)),
      patienceMs,
    );
    try {
      const response = await fetch(url, {
        method,
        headers: await this.signed(url, request),
        redirect: "manual",
        signal: noAnswer.signal,
        ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
      });
      return {
        status: response.status,
        headers: response.headers,
        body: await readBody(response, mostBytes, () => timer.refresh()),
      };
    } finally {
      clearTimeout(timer);
    }
  }

  private async signed(url: URL, { method, headers = {}, body }: S3Request): Promise<Headers> {
    const { credentials, region } = this.settings;
    if (credentials === undefined) return unchanged(new Headers(headers));
    const signer = new AwsV4Signer({
      method,
      url: url.href,
      headers: {
        ...headers,
        "x-amz-content-sha256": createHash("sha256")
          .update(body ?? "")
          .digest("hex"),
      },
      service: "s3",
      region,
      cache: this.signingKeys,
      datetime: new Date(this.storeMs()).toISOString().replaceAll(/[:-]|\.\d{3}/g, ""),
      ...credentials,
    });
    return unchanged((await signer.sign()).headers);
  }

  /** Now, by the store's clock as far as it is known. */
  storeMs(): number {
    return this.nowMs() + this.skewMs;
  }

  /** Whether the store refused the request for its time, and now the next one has the store's own. */
  private correctsClock(response: S3Response): boolean {
    if (errorCode(response) !== "RequestTimeTooSkewed") return false;
    const serverMs = Date.parse(response.headers.get("date") ?? "");
    if (Number.isNaN(serverMs)) return false;
    this.skewMs = serverMs - this.nowMs();
    return true;
  }

  private broken({ method, objectKey }: S3Request, cause: unknown): OneCopyError {
    if (cause instanceof OneCopyError) return cause;
    const { endpoint, bucket } = this.settings;
    return new OneCopyError(
      "storage.unreachable",
      `${method} s3://${bucket}/${oneLine(objectKey)} at ${endpoint.origin} had no answer: ${reasonOf(cause)}`,
      {
        cause,
        remedy:
          "See that the endpoint (AWS_ENDPOINT_URL_S3, AWS_REGION) is right and can be reached from here.",
      },
    );
  }
}

/** The answer is not to be compressed on its way. Not signed: fetch() itself says so once more with a range. */
function unchanged(headers: Headers): Headers {
  headers.set("accept-encoding", "identity");
  return headers;
}

/** The server did not do it, or not yet, and may if it is asked again. */
function isBusy(response: S3Response): boolean {
  if (response.status === 429 || response.status === 408 || response.status >= 500) return true;
  return response.status === 400 && errorCode(response) === "RequestTimeout";
}

function retryAfterMs(response: S3Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}

function neverSent(thrown: unknown): boolean {
  return /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(
    codeOf(thrown),
  );
}

/** fetch() says what went wrong in its error's cause. */
function codeOf(thrown: unknown): string {
  const inner = thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown;
  return String((inner as { readonly code?: unknown } | null)?.code ?? "");
}

function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown);
  const inner = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : "";
  return [messageOf(thrown), inner === "" ? code : inner].filter((text) => text !== "").join(": ");
}
