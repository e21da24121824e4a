"""Reads a table with DuckDB's iceberg extension through the REST catalog: URI TOKEN NAMESPACE.TABLE WAREHOUSE."""

import json
import pathlib
import sys

import duckdb

from cells import cell

uri, token, name, warehouse = sys.argv[1:]
extensions = pathlib.Path(sys.executable).parent.parent / "duckdb-extensions"
connection = duckdb.connect()
connection.execute(f"SET extension_directory = '{extensions}'; SET TimeZone = 'UTC'")
for extension in ("httpfs", "avro", "iceberg"):
    connection.execute(f"LOAD {extension}")
connection.execute(f"CREATE SECRET bridge (TYPE iceberg, TOKEN '{token}')")
connection.execute(f"ATTACH '{warehouse}' AS ice (TYPE iceberg, ENDPOINT '{uri}', SECRET bridge)")
result = connection.execute(f"SELECT * FROM ice.{name}")
DUCKDB_TO_DELTA = {"BIGINT": "long", "INTEGER": "integer", "VARCHAR": "string", "DOUBLE": "double", "DATE": "date"}
DUCKDB_TO_DELTA |= {"BOOLEAN": "boolean", "TIMESTAMP WITH TIME ZONE": "timestamp"}
kinds = [(column[0], DUCKDB_TO_DELTA.get(str(column[1]), str(column[1]).lower())) for column in result.description]
for row in result.fetchall():
    print(json.dumps({name: cell(kind, value) for (name, kind), value in zip(kinds, row)}))
