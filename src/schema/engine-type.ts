import { OneCopyError } from "../base/index.ts";
import { maxDepth, maxFields } from "./limit.ts";

/** A type as the engine's `DESCRIBE` prints it, taken apart. `text` is what stood there. */
export type EngineType = EngineLeaf | EngineList | EngineMap | EngineStruct;

/** `name` is the text without what stands in brackets: `DECIMAL`, `ENUM`, `TIMESTAMP WITH TIME ZONE`. */
export interface EngineLeaf {
  readonly kind: "leaf";
  readonly text: string;
  readonly name: string;
}

/** A list, or an array of fixed size. */
export interface EngineList {
  readonly kind: "list";
  readonly text: string;
  readonly element: EngineType;
}

export interface EngineMap {
  readonly kind: "map";
  readonly text: string;
  readonly key: EngineType;
  readonly value: EngineType;
}

export interface EngineStruct {
  readonly kind: "struct";
  readonly text: string;
  readonly fields: readonly { readonly name: string; readonly type: EngineType }[];
}

/** Fails with `schema.type_unsupported` for what is no type, has unnamed fields, or is nested too deep. */
export function parseEngineType(text: string): EngineType {
  const parser = new Parser(text);
  const type = parser.type(0);
  parser.end();
  return type;
}

class Parser {
  private at = 0;
  private fields = 0;

  constructor(private readonly text: string) {}

  type(depth: number): EngineType {
    if (depth > maxDepth || ++this.fields > maxFields)
      this.refuse("is nested too deep, or has too many fields");
    const start = this.at;
    let type = this.base(start, depth);
    for (let suffix = this.take(/\[\d*\]/y); suffix !== undefined; suffix = this.take(/\[\d*\]/y)) {
      if (++depth > maxDepth) this.refuse("is nested too deep");
      type = { kind: "list", text: this.text.slice(start, this.at), element: type };
    }
    return type;
  }

  end(): void {
    if (this.at !== this.text.length) this.refuse("cannot be understood");
  }

  private base(start: number, depth: number): EngineType {
    if (this.take(/STRUCT\(/y) !== undefined) {
      const fields = this.list(() => ({ name: this.name(), type: this.type(depth + 1) }));
      return { kind: "struct", text: this.text.slice(start, this.at), fields };
    }
    if (this.take(/MAP\(/y) !== undefined) {
      const [key, value] = this.list(() => this.type(depth + 1));
      if (key === undefined || value === undefined) return this.refuse("cannot be understood");
      return { kind: "map", text: this.text.slice(start, this.at), key, value };
    }
    const name = this.take(/[A-Za-z_][A-Za-z0-9_ ]*/y)?.trim();
    if (name === undefined) return this.refuse("cannot be understood");
    if (this.take(/\(/y) !== undefined) this.skipBrackets();
    return { kind: "leaf", text: this.text.slice(start, this.at), name };
  }

  /** What stands between brackets and commas, the opening bracket being behind us. */
  private list<T>(item: () => T): T[] {
    const items = [item()];
    while (this.take(/, */y) !== undefined) items.push(item());
    if (this.take(/\)/y) === undefined) this.refuse("cannot be understood");
    return items;
  }

  private name(): string {
    const quoted = this.take(/"(?:[^"]|"")*" /y);
    if (quoted !== undefined) return quoted.slice(1, -2).replaceAll('""', '"');
    const plain = this.take(/[^\s"(),[\]]+ /y);
    return plain?.slice(0, -1) ?? this.refuse("has fields without names");
  }

  private skipBrackets(): void {
    for (let open = 1; open > 0;) {
      const token = this.take(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\(|\)|[^'"()]+/y);
      if (token === undefined) this.refuse("cannot be understood");
      if (token === "(") open++;
      if (token === ")") open--;
    }
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.at += match[0].length;
    return match[0];
  }

  private refuse(why: string): never {
    const text = this.text.length > 200 ? `${this.text.slice(0, 200)}…` : this.text;
    throw new OneCopyError(
      "schema.type_unsupported",
      `A table cannot hold values of type ${text}: it ${why}.`,
      { remedy: "Cast it in the query: CAST(… AS STRUCT(name TYPE, …)), or CAST(to_json(…) AS VARCHAR)." },
    );
  }
}
