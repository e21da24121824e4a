#!/usr/bin/env bash
# Runs `npm ci` unless node_modules holds what package-lock.json asks for. Times of files are not trusted: git and
# npm touch them as they like. npm's own record of what it installed is compared.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

command -v node >/dev/null || { echo "Node.js 20.19 or newer is needed: https://nodejs.org" >&2; exit 1; }
node -e '
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node.js 20.19 or newer is needed, this is ${process.versions.node}: https://nodejs.org`);
    process.exit(1);
  }'

if node -e '
  const { readFileSync } = require("node:fs");
  const packages = (file) => Object.entries(JSON.parse(readFileSync(file, "utf8")).packages).filter(([path]) => path !== "");
  const installed = new Map(packages("node_modules/.package-lock.json"));
  const same = packages("package-lock.json").every(([path, wanted]) => {
    const found = installed.get(path);
    return found === undefined ? wanted.optional === true : found.version === wanted.version && found.integrity === wanted.integrity;
  });
  process.exit(same ? 0 : 1);' 2>/dev/null; then
  exit 0
fi

echo "Installing the packages of package-lock.json (half a minute, once)" >&2
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if ! npm ci --no-audit --no-fund --no-progress --loglevel=error </dev/null >"$log" 2>&1; then
  cat "$log" >&2
  echo "npm ci failed; its messages are above." >&2
  exit 1
fi
