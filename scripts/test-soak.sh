#!/usr/bin/env bash
# Runs writers, mounts, sharing clients, catalog clients, revokes and vacuum at once on one workspace, for ten minutes
# (--seconds N: for so long); closes with the line `N passed, N failed`.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

{ bash scripts/ensure-installed.sh && bash scripts/python-env.sh && node scripts/build.mjs; } || {
  printf '\n0 passed, 1 failed\n'
  exit 1
}
exec node --import tsx test/soak/soak.ts "$@"
