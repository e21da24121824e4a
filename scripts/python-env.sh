#!/usr/bin/env bash
# Makes .venv: the Python clients that test/interop reads our tables with, and DuckDB's extensions as files in
# .venv/duckdb-extensions/v<version>/<platform>/ (`SET extension_directory` to it, then LOAD; no download by DuckDB).
# Does nothing when .venv already holds exactly these versions. Several calls at once wait for each other.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

DUCKDB=1.5.5
# One line is one pip call: in a single call these do not resolve together. Later lines are held to the earlier ones.
PINS=(
  "pyarrow==23.0.1 pandas==2.3.3"
  "pyiceberg[pyarrow]==0.12.0 sqlalchemy==2.1.9"
  "deltalake==1.6.6"
  "polars==2.1.0"
  "daft==0.7.26"
  "duckdb==$DUCKDB duckdb-extension-httpfs==$DUCKDB duckdb-extension-avro==$DUCKDB duckdb-extension-iceberg==$DUCKDB duckdb-extension-delta==$DUCKDB"
  "delta-kernel-rust-sharing-wrapper delta-sharing==1.4.2"
  "schemathesis==4.32.5"
)

mkdir -p .cache
exec 9>.cache/python-env.lock
flock 9

# This file's own hash is the stamp: a changed pin or a changed step makes the environment anew.
stamp="$(sha256sum scripts/python-env.sh | cut -d' ' -f1) $(python3 --version) $PWD"
if [[ -f .venv/stamp && "$(cat .venv/stamp)" == "$stamp" ]]; then exit 0; fi

echo "Python clients: installing into .venv (about two minutes, once)" >&2
rm -rf .venv
python3 -m venv .venv || {
  echo "python3 -m venv failed: install Python 3.10 or newer with its venv module (Debian: apt-get install python3-venv)" >&2
  exit 1
}
: >.venv/constraints.txt
for pins in "${PINS[@]}"; do
  read -ra packages <<<"$pins"
  .venv/bin/pip install --quiet --no-input --disable-pip-version-check --constraint .venv/constraints.txt "${packages[@]}"
  for package in "${packages[@]}"; do
    if [[ $package == *==* ]]; then echo "${package/\[*\]/}" >>.venv/constraints.txt; fi
  done
done

DUCKDB=$DUCKDB .venv/bin/python - <<'PYTHON'
import importlib.metadata, os, pathlib, shutil, duckdb
platform = duckdb.sql("PRAGMA platform").fetchone()[0]
target = pathlib.Path(".venv/duckdb-extensions") / f"v{os.environ['DUCKDB']}" / platform
target.mkdir(parents=True, exist_ok=True)
for name in ("httpfs", "avro", "iceberg", "delta"):
    files = importlib.metadata.files(f"duckdb-extension-{name}") or []
    found = [file for file in files if file.name == f"{name}.duckdb_extension"]
    if len(found) != 1:
        raise SystemExit(f"duckdb-extension-{name}: expected one {name}.duckdb_extension in the wheel, found {found}")
    shutil.copyfile(found[0].locate(), target / found[0].name)
connection = duckdb.connect()
connection.execute(f"SET extension_directory = '{target.parent.parent.resolve()}'")
for name in ("httpfs", "avro", "iceberg", "delta"):  # the order in which they depend on each other
    connection.execute(f"LOAD {name}")
PYTHON

echo "$stamp" >.venv/stamp
