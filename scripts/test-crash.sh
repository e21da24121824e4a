#!/usr/bin/env bash
# Runs the tests in which writers are killed at any moment; closes with the line `N passed, N failed`.
# --large: at least 1,000 kills, and the report goes to docs/proof/crash.md.
exec bash "$(dirname "${BASH_SOURCE[0]}")/test-proof.sh" crash "$@"
