/**
 * Builds dist/: the command and the library from src/, each as a few files, since a command would spend longer on
 * finding 400 modules than on most of what it does; the library's types (tsc); the web app from web/. Packages stay apart.
 * Nothing is done when dist/ is exactly what these sources made. The new dist/ is made beside the old one and
 * takes its place at the end, so that a command that runs meanwhile never finds half of it.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const stampFile = "dist/.build.json";

const inputs = hashOf(
  ["src", "web", "tsconfig.json", "tsconfig.build.json", "package-lock.json", "scripts/build.mjs"].flatMap(
    filesIn,
  ),
);
if (isBuiltFrom(inputs)) process.exit(0);

const fresh = `dist.${process.pid}`;
try {
  run("node_modules/typescript/bin/tsc", ["-p", "tsconfig.build.json", "--outDir", fresh]);
  // Loaded only where something is to be built.
  const { build } = await import("vite");
  await build({
    configFile: false,
    logLevel: "warn",
    build: {
      ssr: true,
      target: "node20",
      minify: false,
      outDir: fresh,
      emptyOutDir: false,
      rollupOptions: {
        input: {
          "cli/index": "src/cli/index.ts",
          "table/library": "src/table/library.ts",
          "identity/worker": "src/identity/thread/worker.ts",
        },
        output: { entryFileNames: "[name].js", chunkFileNames: "chunk/[name].js" },
      },
    },
  });
  if (existsSync("web/vite.config.ts")) {
    run("node_modules/vite/bin/vite.js", [
      "build",
      "web",
      "--outDir",
      join("..", fresh, "web"),
      "--emptyOutDir",
      "--logLevel",
      "warn",
    ]);
  }
  const outputs = Object.fromEntries(filesIn(fresh).map((file) => [relative(fresh, file), mark(file)]));
  writeFileSync(join(fresh, ".build.json"), JSON.stringify({ inputs, outputs }));
  takePlace(fresh);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

function isBuiltFrom(wanted) {
  if (!existsSync(stampFile)) return false;
  const { inputs: builtFrom, outputs } = JSON.parse(readFileSync(stampFile, "utf8"));
  if (builtFrom !== wanted) return false;
  const present = filesIn("dist").filter((file) => file !== stampFile);
  return (
    present.length === Object.keys(outputs).length &&
    present.every((file) => outputs[relative("dist", file)] === mark(file))
  );
}

/** Changes whenever a file is written again or edited. */
function mark(file) {
  const { size, mtimeMs } = statSync(file);
  return `${size} ${mtimeMs}`;
}

function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0${statSync(file).size}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

function filesIn(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name !== "node_modules");
  return names.toSorted().flatMap((name) => filesIn(join(path, name)));
}

function run(script, args) {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    process.exit(status ?? 1);
  }
}

/** Another build may be doing the same; whoever is last wins. */
function takePlace(folder) {
  for (let attempt = 0; ; attempt++) {
    const old = `dist.${process.pid}.old`;
    try {
      if (existsSync("dist")) renameSync("dist", old);
      renameSync(folder, "dist");
      return;
    } catch (error) {
      if (attempt === 10) throw error;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
}
