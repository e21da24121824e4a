/** A word of a SQL hint: `quoted` are names in backticks, which are no keywords. */
export interface Token {
  readonly kind: "name" | "quoted" | "text" | "number" | "sign" | "end";
  readonly text: string;
}

/** Why a hint is passed over: it is not one that is understood. */
export class NotUnderstood extends Error {}

const forms: readonly (readonly [Token["kind"], RegExp])[] = [
  ["name", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["quoted", /`(?:[^`]|``)+`/y],
  // A backslash is a letter to some engines and an escape to others.
  ["text", /'(?:[^'\\]|'')*'/y],
  ["number", /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?L?(?![A-Za-z0-9_.])/y],
  ["sign", /<=>|<>|<=|>=|!=|==|[=<>(),.+-]/y],
];

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  const blank = /\s*/y;
  for (let at = 0; ;) {
    blank.lastIndex = at;
    blank.exec(sql);
    at = blank.lastIndex;
    if (at >= sql.length) break;
    const token = tokenAt(sql, at);
    tokens.push(token.token);
    at = token.end;
  }
  tokens.push({ kind: "end", text: "" });
  return tokens;
}

function tokenAt(sql: string, at: number): { readonly token: Token; readonly end: number } {
  for (const [kind, form] of forms) {
    form.lastIndex = at;
    const found = form.exec(sql)?.[0];
    if (found !== undefined) return { token: { kind, text: textOf(kind, found) }, end: form.lastIndex };
  }
  throw new NotUnderstood(`nothing is known of ${sql.slice(at, at + 10)}`);
}

function textOf(kind: Token["kind"], found: string): string {
  if (kind === "quoted") return found.slice(1, -1).replaceAll("``", "`");
  return kind === "text" ? found.slice(1, -1).replaceAll("''", "'") : found;
}
