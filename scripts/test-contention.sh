#!/usr/bin/env bash
# Runs the tests in which many processes write to one table; closes with the line `N passed, N failed`.
# --large: 16 processes × 50 commits, and the report goes to docs/proof/contention.md.
exec bash "$(dirname "${BASH_SOURCE[0]}")/test-proof.sh" contention "$@"
