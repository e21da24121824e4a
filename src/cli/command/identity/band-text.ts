/** `2 to 4`, `0 or less`, `more than 15`. */
export function bandText({
  above,
  upTo,
}: {
  readonly above: number | undefined;
  readonly upTo: number | undefined;
}): string {
  if (above === undefined) return `${upTo} or less`;
  return upTo === undefined ? `more than ${above}` : `${above} to ${upTo}`;
}
