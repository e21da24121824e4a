import { type Document, LineCounter, type Node, isMap, isNode, parseDocument } from "yaml";
import type { z } from "zod";
import { OneCopyError } from "../base/index.ts";
import { ProjectConfig } from "./config.ts";
import { allowedKeys, configJsonSchema } from "./json-schema.ts";
import { referenceProblems } from "./reference.ts";

/** What is wrong at one place of the file. `line` and `column` are 1-based. */
export interface ConfigProblem {
  readonly line: number;
  readonly column: number;
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Parses `onecopy.yaml`. Fails with `project.config_invalid`, which names the file, line and allowed values of every problem. */
export function parseConfig(text: string, file: string): ProjectConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, maxAliasCount: 100, uniqueKeys: true } as never);
  const syntax = document.errors.map((error) => {
    const at = lines.linePos(error.pos[0]);
    return {
      line: at.line,
      column: at.col,
      path: [],
      message: error.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, ""),
    };
  });
  if (syntax.length > 0) throw invalid(file, syntax);

  const parsed = ProjectConfig.safeParse(document.toJS() ?? {});
  const found = parsed.success
    ? referenceProblems(parsed.data)
    : parsed.error.issues.flatMap((issue) => problemsOf(issue));
  if (found.length > 0) {
    throw invalid(
      file,
      found.map((problem) => ({ ...problem, ...position(document, lines, problem.path) })),
    );
  }
  return parsed.data!;
}

function invalid(file: string, problems: readonly ConfigProblem[]): OneCopyError {
  const list = [...problems]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map((problem) => {
      const where = problem.path.length === 0 ? "" : `${problem.path.map(String).join(".")}: `;
      return `${file}:${problem.line}:${problem.column}: ${where}${problem.message}`;
    });
  return new OneCopyError("project.config_invalid", list.join("\n"), {
    remedy: "Correct the lines named above. `onecopy schema` prints the JSON Schema of the file.",
  });
}

type Problem = Pick<ConfigProblem, "path" | "message">;

function problemsOf(issue: z.core.$ZodIssue, prefix: readonly PropertyKey[] = []): Problem[] {
  const path = [...prefix, ...issue.path];
  switch (issue.code) {
    case "unrecognized_keys": {
      const allowed = allowedKeys(configJsonSchema(), path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `unknown key${allowed.length === 0 ? "" : `; allowed here: ${allowed.join(", ")}`}`,
      }));
    }
    case "invalid_value":
      return [
        {
          path,
          message: `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`,
        },
      ];
    case "invalid_union": {
      const closest = closestBranch(issue.errors);
      return closest === undefined
        ? [{ path, message: issue.message }]
        : closest.flatMap((inner) => problemsOf(inner, path));
    }
    case "invalid_type": {
      const allowed = issue.expected === "object" ? allowedKeys(configJsonSchema(), path) : [];
      const keys = allowed.length === 0 ? "" : ` with the keys ${allowed.join(", ")}`;
      return [{ path, message: `${issue.message.replace("Invalid input: ", "")}${keys}` }];
    }
    default:
      return [{ path, message: issue.message }];
  }
}

/** Of a union's branches, the one that the author most likely meant: whose first problem lies deepest, then with fewest problems. */
function closestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const depth = (issues: readonly z.core.$ZodIssue[]): number =>
    Math.min(...issues.map((issue) => issue.path.length + (issue.code === "invalid_type" ? 0 : 0.5)));
  return [...branches]
    .filter((issues) => issues.length > 0)
    .sort((a, b) => depth(b) - depth(a) || a.length - b.length)[0];
}

/** The place of a path, or of the nearest enclosing node when the path itself is missing from the file. */
function position(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
): { line: number; column: number } {
  for (let length = path.length; length >= 0; length--) {
    const offset = offsetOf(document, path.slice(0, length));
    if (offset !== undefined) {
      const at = lines.linePos(offset);
      return { line: Math.max(at.line, 1), column: Math.max(at.col, 1) };
    }
  }
  return { line: 1, column: 1 };
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  if (path.length === 0) return document.contents?.range?.[0];
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(
      (item) => String((item.key as { value?: unknown } | null)?.value ?? item.key) === String(last),
    );
    return (pair?.key as Node | undefined)?.range?.[0];
  }
  const node = document.getIn(path, true);
  return isNode(node) ? node.range?.[0] : undefined;
}
