#!/usr/bin/env bash
# test-proof.sh SUITE [--large] [ARGUMENTS]: test/SUITE with its own configuration, in the small size that CI runs or in
# the large one, whose report is written to docs/proof/. Closes with the line `N passed, N failed`.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

suite=$1
shift
arguments=()
for argument in "$@"; do
  if [[ $argument == --large ]]; then export ONECOPY_PROOF=large; else arguments+=("$argument"); fi
done
# In the large size many writers write to a bucket as well.
stores() { [[ $suite != contention || ${ONECOPY_PROOF:-} != large ]] || bash scripts/object-stores.sh --versitygw; }
{ bash scripts/python-env.sh && stores; } || {
  printf '\n0 passed, 1 failed\n'
  exit 1
}
exec bash scripts/test.sh --config "test/$suite/vitest.config.ts" ${arguments[@]+"${arguments[@]}"}
