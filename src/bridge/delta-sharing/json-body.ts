import type { z } from "zod";
import { refuse } from "../error.ts";

/** A request's body as what it has to be; an empty one is `{}`. `malformed`: it is no JSON; `bad_parameter`: it is something else. */
export function jsonIn<T extends z.ZodType>(body: string, shape: T): z.output<T> {
  const parsed = shape.safeParse(body.trim() === "" ? {} : jsonOf(body));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refuse("bad_parameter", `${issue?.path.join(".") || "The body"}: ${issue?.message ?? "not valid"}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse("malformed", "The body is not JSON.");
  }
}
