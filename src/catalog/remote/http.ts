import { OneCopyError, messageOf } from "../../base/index.ts";
import { backOff, mostAttempts } from "../../storage/index.ts";

/** Of an answer that is read whole. */
const mostBodyBytes = 256 * 2 ** 20;
const mostErrorCharacters = 300;

export interface RemoteRequest {
  readonly url: URL;
  /** Who is asked and for what, for messages: `the share server share.example.com`. */
  readonly whom: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams;
  /** Statuses that the caller decides on, beside those of success. */
  readonly accepts?: readonly number[];
  /** Whether the server may send the request elsewhere; `Authorization` does not go to another origin. Default: it may. */
  readonly redirects?: boolean;
}

/** Until an answer begins, and until nothing is tried again. */
const patienceMs = 60_000;
const longestMs = 180_000;

/**
 * Asks somebody else's server; what may pass by itself (no connection, 429, 5xx) is tried again. All requests here may be
 * repeated. Fails with `remote.unreachable`, `remote.unauthenticated` (401), `remote.forbidden` (403), `remote.not_found`
 * (404) and `remote.refused`. No address is repeated in a message: its query may be a key.
 */
export async function askRemote(request: RemoteRequest): Promise<Response> {
  const { url, whom, method = "GET", headers = {}, body, accepts = [], redirects = true } = request;
  const startedMs = performance.now();
  for (let attempt = 1; ; attempt++) {
    // Only until the answer begins: its body may take as long as it comes.
    const impatience = new AbortController();
    const timer = setTimeout(
      () => impatience.abort(new Error(`nothing for ${patienceMs / 1000} s`)),
      patienceMs,
    );
    const sent = fetch(url, {
      method,
      headers,
      redirect: redirects ? "follow" : "manual",
      signal: impatience.signal,
      ...(body === undefined ? {} : { body }),
    });
    const got = await sent
      .then(
        (response) => ({ response }),
        (cause: unknown) => ({ cause }),
      )
      .finally(() => clearTimeout(timer));
    const isLast = attempt >= mostAttempts || performance.now() - startedMs > longestMs;
    if ("cause" in got) {
      if (isLast) throw unreachable(whom, got.cause);
      await backOff(attempt);
      continue;
    }
    const { response } = got;
    if (response.ok || accepts.includes(response.status)) return response;
    const passes = response.status === 429 || response.status >= 500;
    if (!passes || isLast) throw await refusal(whom, response);
    await response.body?.cancel();
    await backOff(attempt, 1000 * (Number(response.headers.get("retry-after")) || 0));
  }
}

/** Fails with `remote.bad_answer` for what is longer than any such answer. */
export async function textOfAnswer(response: Response, whom: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of bodyOf(response, whom)) {
    sizeBytes += chunk.length;
    if (sizeBytes > mostBodyBytes) throw badAnswer(whom, `it has more than ${mostBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The body, piece by piece; an answer that breaks off fails with `remote.unreachable`. */
export async function* bodyOf(response: Response, whom: string): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  try {
    yield* response.body;
  } catch (cause) {
    throw unreachable(whom, cause);
  }
}

export function badAnswer(whom: string, why: string, cause?: unknown): OneCopyError {
  return new OneCopyError("remote.bad_answer", `The answer of ${whom} cannot be used: ${why}.`, {
    remedy: "See that the address is that of the service itself, and that no proxy answers in its place.",
    cause,
  });
}

function unreachable(whom: string, thrown: unknown): OneCopyError {
  const inner = (thrown as { readonly cause?: unknown } | undefined)?.cause;
  return new OneCopyError(
    "remote.unreachable",
    `There is no answer from ${whom}: ${messageOf(inner ?? thrown)}`,
    {
      cause: thrown,
      remedy: "See that this machine reaches it, and that its certificate is one that is trusted here.",
    },
  );
}

const refusals: Readonly<Record<number, { readonly code: string; readonly remedy: string }>> = {
  401: {
    code: "remote.unauthenticated",
    remedy: "The token is wrong, revoked or expired. Ask whoever runs that server for a new one.",
  },
  403: {
    code: "remote.forbidden",
    remedy: "Ask whoever runs that server to grant it to you, and to allow the address of this machine.",
  },
  404: {
    code: "remote.not_found",
    remedy: "Check the name: it may be misspelled, renamed, or no longer granted to you.",
  },
};

async function refusal(whom: string, response: Response): Promise<OneCopyError> {
  const said = saidIn(await textOfAnswer(response, whom).catch(() => ""));
  const { code, remedy } = refusals[response.status] ?? {
    code: "remote.refused",
    remedy: "See what it says, and ask whoever runs that server.",
  };
  return new OneCopyError(code, `${capital(whom)} answers with ${response.status}${said}`, { remedy });
}

/** What the server itself says, in one line of bounded length (both protocols have a message in JSON). */
function saidIn(text: string): string {
  let message: unknown;
  try {
    const body = JSON.parse(text) as { message?: unknown; error?: { message?: unknown } } | null;
    message = body?.message ?? body?.error?.message;
  } catch {
    // A page of a proxy, perhaps: of no use here.
  }
  if (typeof message !== "string" || message === "") return ".";
  return `: ${message.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").slice(0, mostErrorCharacters)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
