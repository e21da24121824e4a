#!/usr/bin/env bash
# Runs the tests in which other people's clients read what we wrote (--write: and makes docs/interop.md anew); closes with the line `N passed, N failed`.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

{ bash scripts/python-env.sh && bash scripts/spark-env.sh && bash scripts/object-stores.sh; } || {
  printf '\n0 passed, 1 failed\n'
  exit 1
}
arguments=()
for argument in "$@"; do
  if [[ $argument == --write ]]; then export ONECOPY_INTEROP=write; else arguments+=("$argument"); fi
done
exec bash scripts/test.sh --config test/interop/vitest.config.ts ${arguments[@]+"${arguments[@]}"}
