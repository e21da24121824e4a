#!/usr/bin/env bash
# Makes sure that test/interop/bridge/vended-keys.test.ts has an S3 server that lends keys and holds them to their policies: Ceph's
# object gateway with a monitor and a memory store of its own, from Debian's packages (70 MB). Installs them when they are missing
# and we are root; says what to type otherwise. Several calls at once wait for each other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages="ceph-mon ceph-osd radosgw"
is_there() { [[ -x /usr/bin/radosgw && -x /usr/bin/ceph-mon && -x /usr/bin/ceph-osd && -x /usr/bin/ceph ]]; }

if is_there; then exit 0; fi
if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "The tests of lent keys need Ceph: install it (Debian: sudo apt-get install --no-install-recommends $packages) and run again." >&2
  exit 1
fi

mkdir -p .cache
exec 9>.cache/apt.lock
flock 9
if is_there; then exit 0; fi

echo "Ceph (S3 with keys for a while): installing (about a minute, once)" >&2
log=.cache/ceph-install.log
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "Ceph could not be installed: install it by hand (apt-get install --no-install-recommends $packages) and run again." >&2
  exit 1
fi
