#!/usr/bin/env bash
# Makes .venv-bench/splink-4 and .venv-bench/splink-5: the two versions of Splink that bench/identity measures beside us,
# each with its own DuckDB. Does nothing where they are already there with these versions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

declare -A PINS=(
  [splink-4]="splink==4.0.17 duckdb==1.5.5 pandas==2.3.3 pyarrow==23.0.1"
  [splink-5]="splink==5.0.0 duckdb==1.5.5 pandas==2.3.3 pyarrow==23.0.1"
)

mkdir -p .venv-bench
exec 9>.venv-bench/lock
flock 9

for name in "${!PINS[@]}"; do
  folder=".venv-bench/$name"
  stamp="${PINS[$name]} $(python3 --version) $PWD"
  if [[ -f "$folder/stamp" && "$(cat "$folder/stamp")" == "$stamp" ]]; then continue; fi
  echo "$name: installing into $folder (about a minute, once)" >&2
  rm -rf "$folder"
  python3 -m venv "$folder"
  read -ra packages <<<"${PINS[$name]}"
  "$folder/bin/pip" install --quiet --no-input --disable-pip-version-check "${packages[@]}"
  echo "$stamp" >"$folder/stamp"
done
