#!/usr/bin/env bash
# Runs the tests (arguments go to vitest) and closes with the line `N passed, N failed`. Some tests run the built
# command, so it is built first; that is quick when nothing changed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

never_ran() {
  printf '\n0 passed, 1 failed\n'
  exit 1
}
bash scripts/ensure-installed.sh || never_ran
node scripts/build.mjs || never_ran

output="$(mktemp)"
trap 'rm -f "$output"' EXIT
node node_modules/vitest/vitest.mjs run "$@" 2>&1 | tee "$output"
status=${PIPESTATUS[0]}
# The tests' reporter writes the line; when vitest broke down before or after it, this does.
if ! grep -qaE '^[0-9]+ passed, [0-9]+ failed$' "$output" || [[ $status -ne 0 && "$(tail -n 1 "$output")" == *", 0 failed" ]]; then
  printf '\n0 passed, 1 failed\n'
  exit 1
fi
exit "$status"
