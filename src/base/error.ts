/**
 * The one error class. A value is returned for what a caller must decide on (conflict, not found, unknown
 * outcome); this is thrown for what it can't.
 *
 * `code` is stable and machine-readable, `message` says what was expected, what was found and where,
 * `remedy` says what to do.
 */
export class OneCopyError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { readonly remedy?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "OneCopyError";
    this.code = code;
    this.remedy = options.remedy;
  }
}

/** The text of anything that was thrown. What a schema found wrong with a value is said in words: where, and what. */
export function messageOf(thrown: unknown): string {
  const issues = (thrown as { readonly issues?: unknown } | null | undefined)?.issues;
  if (thrown instanceof Error && Array.isArray(issues)) return issues.map(issueText).join("; ");
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function issueText(issue: { readonly path?: readonly PropertyKey[]; readonly message?: string }): string {
  const path = (issue.path ?? []).map(String).join(".");
  return `${path === "" ? "" : `${path}: `}${issue.message ?? "wrong"}`;
}
