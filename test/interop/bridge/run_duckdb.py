"""Runs SQL files that are made for DuckDB's command line, one after the other, and prints the last result: TOKEN FILE…"""

import json
import pathlib
import sys

import duckdb

from leave import leave

extensions = pathlib.Path(sys.executable).parent.parent / "duckdb-extensions"
connection = duckdb.connect()
connection.execute(f"SET extension_directory = '{extensions}'")
# The command line has it, the library does not.
connection.execute(f"CREATE TEMP MACRO getenv(name) AS CASE name WHEN 'ONECOPY_TOKEN' THEN '{sys.argv[1]}' END")
for file in sys.argv[2:]:
    text = pathlib.Path(file).read_text()
    # Extensions are there as files: nothing is downloaded.
    statements = [one for one in text.split(";") if one.strip() and not one.strip().startswith("INSTALL")]
    for statement in statements:
        result = connection.execute(statement)
print(json.dumps(result.fetchall()))
leave()
