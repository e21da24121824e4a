#!/usr/bin/env bash
# Install, build, make the demo, run it and serve it.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/ensure-installed.sh
npm run --silent build
exec ./bin/onecopy demo --serve "$@"
