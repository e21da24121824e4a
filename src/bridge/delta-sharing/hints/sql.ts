import type { ColumnPath, Comparison, Constant, Filter } from "../../../engine/index.ts";
import { negated, turned, unknown } from "./logic.ts";
import { NotUnderstood, type Token, tokensOf } from "./token.ts";

const deepest = 50;

/**
 * A hint in the "restricted subset of SQL" (PROTOCOL.md, "SQL Expressions for Filtering"), and in what Spark's connector
 * writes beyond it: AND, OR, NOT, IN, BETWEEN, typed texts, names in backticks. Throws {@link NotUnderstood}.
 */
export function parseSqlHint(sql: string): Filter {
  const parser = new Parser(tokensOf(sql));
  const filter = parser.either(0);
  parser.expect("end", "");
  return filter;
}

type Operand =
  | { readonly column: ColumnPath; readonly constant?: undefined }
  | { readonly column?: undefined; readonly constant: Constant };

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  either(depth: number): Filter {
    return this.joined("or", "OR", () => this.both(depth));
  }

  expect(kind: Token["kind"], text: string): void {
    if (!this.take(kind, text)) throw new NotUnderstood(`${text || kind} was expected`);
  }

  private both(depth: number): Filter {
    return this.joined("and", "AND", () => this.one(depth));
  }

  private joined(kind: "and" | "or", word: string, next: () => Filter): Filter {
    const of = [next()];
    while (this.takeWord(word)) of.push(next());
    return of.length === 1 ? of[0]! : { kind, of };
  }

  private one(depth: number): Filter {
    if (depth > deepest) throw new NotUnderstood("too deep");
    if (this.takeWord("NOT")) return negated(this.one(depth + 1));
    if (!this.take("sign", "(")) return this.predicate();
    const inner = this.either(depth + 1);
    this.expect("sign", ")");
    return inner;
  }

  private predicate(): Filter {
    const left = this.operand();
    if (this.takeWord("IS")) {
      const isNot = this.takeWord("NOT");
      this.expectWord("NULL");
      return { kind: isNot ? "is-not-null" : "is-null", column: columnOf(left) };
    }
    const isNot = this.takeWord("NOT");
    if (this.takeWord("IN")) return signed(isNot, this.among(columnOf(left)));
    if (this.takeWord("BETWEEN")) return signed(isNot, this.between(columnOf(left)));
    const operator = isNot ? undefined : this.takeComparison();
    if (operator === undefined) return isNot ? fail() : truth(left);
    const right = this.operand();
    if (left.column !== undefined) return compare(left.column, operator, constantOf(right));
    return compare(columnOf(right), turned[operator], left.constant);
  }

  private among(column: ColumnPath): Filter {
    this.expect("sign", "(");
    const values: Constant[] = [];
    do values.push(constantOf(this.operand()));
    while (this.take("sign", ","));
    this.expect("sign", ")");
    // Engines bring values of several types to one, each in its own way.
    if (values.some(({ type }) => type !== values[0]!.type)) return unknown;
    return { kind: "or", of: values.map((value) => compare(column, "=", value)) };
  }

  private between(column: ColumnPath): Filter {
    const low = constantOf(this.operand());
    this.expectWord("AND");
    const high = constantOf(this.operand());
    if (low.type !== high.type) return unknown;
    return { kind: "and", of: [compare(column, ">=", low), compare(column, "<=", high)] };
  }

  private operand(): Operand {
    const { kind, text } = this.next();
    switch (kind) {
      case "text":
        return { constant: { type: "text", text } };
      case "number":
        return { constant: numberOf(text) };
      case "sign":
        if (text !== "-" && text !== "+") return fail();
        return { constant: numberOf(`${text === "-" ? "-" : ""}${this.must("number")}`) };
      case "quoted":
        return this.column(text);
      case "name":
        return this.named(text);
      case "end":
        return fail();
    }
  }

  private named(text: string): Operand {
    const word = text.toUpperCase();
    if (word === "TRUE" || word === "FALSE") return { constant: { type: "boolean", value: word === "TRUE" } };
    if ((word === "DATE" || word === "TIMESTAMP") && this.peek().kind === "text")
      return { constant: { type: word === "DATE" ? "date" : "timestamp", text: this.next().text } };
    if (word === "CAST" && this.take("sign", "(")) return this.cast();
    return reserved.has(word) ? fail() : this.column(text);
  }

  /** `CAST('2021-04-28' AS DATE)`. */
  private cast(): Operand {
    const text = this.must("text");
    this.expectWord("AS");
    const type = this.must("name").toUpperCase();
    this.expect("sign", ")");
    if (type === "STRING") return { constant: { type: "text", text } };
    if (type !== "DATE" && type !== "TIMESTAMP") return fail();
    return { constant: { type: type === "DATE" ? "date" : "timestamp", text } };
  }

  private column(first: string): Operand {
    const column = [first];
    while (this.take("sign", ".")) {
      const { kind, text } = this.next();
      if (kind !== "name" && kind !== "quoted") return fail();
      column.push(text);
    }
    // A function.
    return this.peek().kind === "sign" && this.peek().text === "(" ? fail() : { column };
  }

  private takeComparison(): Comparison | undefined {
    const { kind, text } = this.peek();
    const operator = kind === "sign" ? comparisons[text] : undefined;
    if (operator !== undefined) this.at++;
    return operator;
  }

  private peek(): Token {
    return this.tokens[this.at]!;
  }

  private next(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.at++;
    return token;
  }

  private must(kind: Token["kind"]): string {
    const token = this.next();
    return token.kind === kind ? token.text : fail();
  }

  private take(kind: Token["kind"], text: string): boolean {
    const token = this.peek();
    if (token.kind !== kind || token.text !== text) return false;
    this.at++;
    return true;
  }

  private takeWord(word: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== "name" || text.toUpperCase() !== word) return false;
    this.at++;
    return true;
  }

  private expectWord(word: string): void {
    if (!this.takeWord(word)) fail();
  }
}

const comparisons: Readonly<Record<string, Comparison | undefined>> = {
  "=": "=",
  "==": "=",
  "<>": "<>",
  "!=": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};
const reserved = new Set(["NULL", "AND", "OR", "NOT", "IN", "IS", "BETWEEN", "CASE", "LIKE", "EXISTS"]);

function compare(column: ColumnPath, operator: Comparison, value: Constant): Filter {
  return { kind: "compare", column, operator, value };
}

/** A condition that is an operand: a column of booleans; `TRUE`; `FALSE` rules nothing out here. */
function truth({ column }: Operand): Filter {
  return column === undefined ? unknown : compare(column, "=", { type: "boolean", value: true });
}

function signed(isNot: boolean, filter: Filter): Filter {
  return isNot ? negated(filter) : filter;
}

function columnOf({ column }: Operand): ColumnPath {
  return column ?? fail();
}

function constantOf({ constant }: Operand): Constant {
  return constant ?? fail();
}

function numberOf(text: string): Constant {
  const digits = text.replace(/L$/, "");
  if (/[eE]/.test(digits)) return { type: "double", value: Number(digits) };
  const [whole = "", fraction = ""] = digits.split(".");
  if (whole.length + fraction.length > 60) return fail();
  return { type: "exact", digits: BigInt(whole + fraction), scale: fraction.length };
}

function fail(): never {
  throw new NotUnderstood("the hint is none of the forms that are known");
}
