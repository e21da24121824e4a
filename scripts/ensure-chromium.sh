#!/usr/bin/env bash
# Makes sure that the browser tests and the screenshot have a browser: Debian's chromium, and the typeface that the
# web app asks for first. Installs them when they are missing and we are root; says what to type otherwise.
# Several calls at once wait for each other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [[ -x /usr/bin/chromium ]]; then exit 0; fi
if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "The browser tests need /usr/bin/chromium. Install it (Debian: sudo apt-get install chromium fonts-inter) and run again." >&2
  exit 1
fi

mkdir -p .cache
exec 9>.cache/apt.lock
flock 9
if [[ -x /usr/bin/chromium ]]; then exit 0; fi

echo "Browser: installing chromium (about a minute, once)" >&2
log=.cache/chromium-install.log
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-inter; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "chromium could not be installed: install it by hand (apt-get install chromium fonts-inter) and run again." >&2
  exit 1
fi
