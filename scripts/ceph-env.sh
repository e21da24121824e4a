#!/usr/bin/env bash
# Makes sure that tests have an S3 server that lends keys, holds them to their policies and suspends their owner: Ceph's object gateway
# with a monitor and a memory store of its own, from Debian's packages (70 MB).
set -euo pipefail

if [[ -x /usr/bin/radosgw && -x /usr/bin/ceph-mon && -x /usr/bin/ceph-osd && -x /usr/bin/ceph ]]; then exit 0; fi
bash "$(dirname "${BASH_SOURCE[0]}")/apt-install.sh" "Ceph, for the tests of lent keys" ceph-mon ceph-osd radosgw
