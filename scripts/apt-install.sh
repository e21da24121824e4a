#!/usr/bin/env bash
# usage: scripts/apt-install.sh WHAT PACKAGE…: installs Debian's packages where that is possible without asking anybody; says what
# to type otherwise. Several calls at once wait for each other: Debian's own tool does not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

what=$1
shift
if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "$what: install $* (Debian: sudo apt-get install --no-install-recommends $*) and run again." >&2
  exit 1
fi

mkdir -p .cache
exec 9>.cache/apt.lock
flock 9
installed="$(dpkg-query -W -f='${db:Status-Status}\n' "$@" 2>/dev/null | grep -cx installed || true)"
if [[ $installed == $# ]]; then exit 0; fi

echo "$what: installing $* (about a minute, once)" >&2
log=.cache/apt-install.log
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "$what: could not be installed. Install it by hand (apt-get install --no-install-recommends $*) and run again." >&2
  exit 1
fi
