import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The house (DESIGN.md, "The house"): a room imports the rooms above it in this list, never one below. */
export const rooms = [
  "base",
  "schema",
  "storage",
  "engine",
  "table",
  "catalog",
  "access",
  "source",
  "identity",
  "profile",
  "segment",
  "activation",
  "privacy",
  "project",
  "run",
  "bridge",
  "audit",
  "server",
  "demo",
  "cli",
];

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** Why this import is refused, or nothing. `from` is a file's absolute path, `specifier` what it imports. */
export function refusal(from, specifier) {
  if (!specifier.startsWith(".")) return undefined;
  const importer = place(from);
  const imported = place(resolve(dirname(from), specifier));
  if (importer.part === "web" || imported.part === "web")
    return importer.part === imported.part ? undefined : "web/ and the rest share the HTTP API, and no code.";
  if (importer.part === "src" && imported.part !== "src" && !from.endsWith(".test.ts"))
    return "What is shipped is under src/; import nothing from outside it.";
  if (imported.part !== "src" || importer.room === imported.room) return undefined;
  if (importer.part === "src" && !rooms.includes(importer.room))
    return `src/${importer.room} is no room of the house; add it to the list in scripts/lint/rooms.mjs at its place.`;
  if (imported.rest !== "index.ts")
    return `Only src/${imported.room}/index.ts is public; import from there, or export from there what is missing.`;
  if (importer.part === "src" && rooms.indexOf(imported.room) > rooms.indexOf(importer.room))
    return `${importer.room} stands above ${imported.room}: a room uses the rooms above it, never one below.`;
  return undefined;
}

function place(path) {
  const [part, room, ...rest] = relative(root, path).split(sep);
  return { part, room, rest: rest.join("/") };
}

const rule = {
  create(context) {
    const check = (node) => {
      const why =
        typeof node.source?.value === "string" ? refusal(context.filename, node.source.value) : undefined;
      if (why !== undefined) context.report({ node: node.source, message: why });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

export default { meta: { name: "house" }, rules: { rooms: rule } };
