#!/usr/bin/env bash
# Runs the tests in which other people's clients read what we wrote (--large: more of them; --write: and makes docs/interop.md anew); closes with the line `N passed, N failed`.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

{ bash scripts/python-env.sh && bash scripts/spark-env.sh && bash scripts/rck-env.sh && bash scripts/object-stores.sh && bash scripts/ceph-env.sh; } || {
  printf '\n0 passed, 1 failed\n'
  exit 1
}
arguments=()
for argument in "$@"; do
  case $argument in
    --write) export ONECOPY_INTEROP=write ;;
    --large) export ONECOPY_PROOF=large ;;
    *) arguments+=("$argument") ;;
  esac
done
exec bash scripts/test.sh --config test/interop/vitest.config.ts ${arguments[@]+"${arguments[@]}"}
