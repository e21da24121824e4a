import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * One JavaScript file of a TypeScript program in test/ and what it imports of ours: a process that starts from it is up
 * in a third of the time, which counts where hundreds are killed. Returns the file.
 */
export async function bundleProcess(program: string): Promise<string> {
  const name = basename(program, ".ts");
  // In a folder of the checkout, so that packages are found.
  const outDir = `${root}.cache/processes/${name}-${process.pid}`;
  await build({
    root,
    configFile: false,
    logLevel: "error",
    build: { ssr: program, outDir, emptyOutDir: true, minify: false, target: "node20" },
  });
  return `${outDir}/${name}.js`;
}
