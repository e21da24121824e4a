import { basename, dirname, relative, resolve } from "node:path";

/** How this command was called, so that what is printed can be typed: `onecopy`, `npx onecopy`, `./bin/onecopy`. */
export function commandName(): string {
  const path = resolve(process.argv[1] ?? "onecopy");
  if (process.env["npm_command"] === "exec") return "npx onecopy";
  if ((process.env["PATH"] ?? "").split(":").includes(dirname(path))) return basename(path);
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : `./${near}`;
}
