#!/usr/bin/env bash
# Everything about the code that can be judged without running it. Stops at the first step that fails.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/ensure-installed.sh || exit 1
export PATH="$PWD/node_modules/.bin:$PATH"

# step NAME REMEDY COMMAND…
step() {
  local name=$1 remedy=$2 started=$SECONDS
  shift 2
  printf '%-12s' "$name"
  local output
  if output=$("$@" 2>&1); then
    echo "ok ($((SECONDS - started)) s)"
  else
    printf 'FAILED\n%s\n\n%s failed: %s\n' "$output" "$name" "$remedy"
    exit 1
  fi
}

step format "run: npm run format" oxfmt --check .
step lint "see each message above; some go away with: npx oxlint -c oxlint.config.mjs --fix" oxlint -c oxlint.config.mjs
step types "see the messages above; again with: npx tsc -p ." tsc -p .
[[ ! -f web/tsconfig.json ]] || step "web types" "see the messages above; again with: npx tsc -p web" tsc -p web
step "dead code" "remove what nothing uses, or use it; again with: npx knip" knip --no-progress
step boundaries "the linter no longer refuses what the house forbids: test/boundaries" vitest run test/boundaries
