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

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
