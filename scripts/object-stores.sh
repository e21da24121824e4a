#!/usr/bin/env bash
# Makes .cache/object-stores: the servers that test/interop/storage runs the stores against, on this machine alone.
# moto (S3), in a Python environment of its own, and fake-gcs-server (GCS); Azurite (Azure) is an npm package.
# With --versitygw, versitygw as well: a second S3 server, which takes minutes to build, for which the tests look.
# Does nothing when these versions are there. Several calls at once wait for each other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

MOTO=5.2.5
FAKE_GCS=v1.56.1
VERSITYGW=v1.8.0

target=$PWD/.cache/object-stores
mkdir -p "$target/bin"
exec 9>.cache/object-stores.lock
flock 9

if [[ ! -x $target/moto/bin/moto_server || "$(cat "$target/moto/version" 2>/dev/null)" != "$MOTO $PWD" ]]; then
  echo "moto (S3): installing (a minute, once)" >&2
  rm -rf "$target/moto"
  python3 -m venv "$target/moto"
  "$target/moto/bin/pip" install --quiet --no-input --disable-pip-version-check "moto[server]==$MOTO"
  echo "$MOTO $PWD" >"$target/moto/version"
fi

# go_server NAME VERSION PACKAGE TIME
go_server() {
  if [[ -x $target/bin/$1 && "$(cat "$target/bin/$1.version" 2>/dev/null)" == "$2" ]]; then return; fi
  command -v go >/dev/null || {
    echo "$1 is built with Go, which is not here: install Go 1.24 or newer (https://go.dev/dl)" >&2
    return 1
  }
  echo "$1: building ($4, once)" >&2
  GOBIN=$target/bin go install "$3@$2"
  echo "$2" >"$target/bin/$1.version"
}

go_server fake-gcs-server "$FAKE_GCS" github.com/fsouza/fake-gcs-server "two minutes"
if [[ ${1:-} == --versitygw ]]; then
  go_server versitygw "$VERSITYGW" github.com/versity/versitygw/cmd/versitygw "seven minutes"
fi
