#!/usr/bin/env bash
# Makes sure that the browser tests and the screenshot have a browser: Debian's chromium, and the typeface that the
# web app asks for first.
set -euo pipefail

if [[ -x /usr/bin/chromium ]]; then exit 0; fi
bash "$(dirname "${BASH_SOURCE[0]}")/apt-install.sh" "A browser, for the tests" chromium fonts-inter
