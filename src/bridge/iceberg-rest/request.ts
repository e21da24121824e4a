import type { Context } from "hono";
import { z } from "zod";
import { parseLossless } from "../../base/index.ts";
import type { Authenticated } from "../bearer.ts";
import { boundedBody } from "../bounded-body.ts";
import { pageOf } from "../paging.ts";
import { quoted } from "../shared-table.ts";
import { CatalogRefusal, malformed, missing } from "./error.ts";

export type C = Context<Authenticated>;

/** A commit names manifests, not files: what is larger is no request. */
const LARGEST_BODY_BYTES = 16 * 1024 * 1024;

export const boundedRequest = boundedBody(LARGEST_BODY_BYTES, () => {
  throw new CatalogRefusal(413, "BadRequestException", "The request is larger than 16 MB.");
});

/** The body as what it has to be. Numbers keep all their digits: snapshot ids have 63 bits. */
export async function bodyOf<T extends z.ZodType>(c: C, shape: T): Promise<z.output<T>> {
  let body: unknown;
  try {
    body = parseLossless(await c.req.text());
  } catch (error) {
    if (error instanceof CatalogRefusal) throw error;
    throw malformed("The request's body is not JSON.");
  }
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw malformed(`The request's body cannot be read: ${where === "" ? "" : `${where}: `}${issue?.message}`);
}

/**
 * Whether the client may write a namespace, and sees all of it: an admin any, a recipient those that its `writes` names.
 * Not by a share, which is for reading.
 */
export function owns(c: C, namespace: string): boolean {
  const { kind, writes } = c.get("principal");
  return c.req.param("prefix") === undefined && (kind === "admin" || writes.includes(namespace));
}

/** Fails unless the client may write all these namespaces; without a name: that of the path, or else any at all. */
export function mayWrite(c: C, ...namespaces: readonly string[]): void {
  const { kind, writes } = c.var.principal;
  const ofPath = c.req.param("namespace");
  const named = namespaces.length > 0 || ofPath === undefined ? namespaces : [ofPath];
  const isWriter = kind === "admin" || writes.length > 0;
  if (c.req.param("prefix") === undefined && isWriter && named.every((one) => owns(c, one))) return;
  throw new CatalogRefusal(
    403,
    "ForbiddenException",
    kind === "admin" || (isWriter && c.req.param("prefix") !== undefined)
      ? "A share can be read only. Connect without a warehouse to change tables."
      : isWriter
        ? `Your token may write ${writes.map(shown).join(", ")}, and nothing else.`
        : "Your token is for reading only. Ask whoever runs this server to let you write a namespace (recipients, writes).",
  );
}

/** All of it, unless the client asks for pages (specification, `PageToken`). */
export function paged<Item>(c: C, sorted: readonly Item[], nameOf: (item: Item) => string) {
  const [size, token] = [c.req.query("pageSize"), c.req.query("pageToken")];
  if (size === undefined && token === undefined) return { items: sorted, next: {} };
  const page = pageOf(sorted, nameOf, size, token);
  return {
    items: page.items,
    next: page.nextPageToken === undefined ? {} : { "next-page-token": page.nextPageToken },
  };
}

export function noNamespace(name: string): CatalogRefusal {
  return missing("NoSuchNamespaceException", `Namespace does not exist: ${shown(name)}`);
}

export function noTable(namespace: string, name: string): CatalogRefusal {
  return missing("NoSuchTableException", `Table does not exist: ${shown(`${namespace}.${name}`)}`);
}

/** Plain where it is a name, as clients show it to people; else quoted. */
export function shown(text: string): string {
  return /^[A-Za-z0-9_.-]{1,260}$/.test(text) ? text : quoted(text);
}

/** A table or view as requests name it. Namespaces have one level. */
export const identifier = z.object({ namespace: z.array(z.string()).length(1), name: z.string() });

export const toRename = z.object({ source: identifier, destination: identifier });

export function parameters(c: C): { namespace: string; name: string } {
  const { namespace = "", table = "", view = "" } = c.req.param() as Record<string, string>;
  return { namespace, name: table || view };
}
