"""Reads a table with DuckDB's iceberg extension through the REST catalog: URI TOKEN NAMESPACE.TABLE WAREHOUSE."""

import json
import sys

from cells import cell
from duckdb_catalog import attached

uri, token, name, warehouse = sys.argv[1:]
connection = attached(uri, token, warehouse)
result = connection.execute(f"SELECT * FROM ice.{name}")
DUCKDB_TO_DELTA = {"BIGINT": "long", "INTEGER": "integer", "VARCHAR": "string", "DOUBLE": "double", "DATE": "date"}
DUCKDB_TO_DELTA |= {"BOOLEAN": "boolean", "TIMESTAMP WITH TIME ZONE": "timestamp"}
kinds = [(column[0], DUCKDB_TO_DELTA.get(str(column[1]), str(column[1]).lower())) for column in result.description]
for row in result.fetchall():
    print(json.dumps({name: cell(kind, value) for (name, kind), value in zip(kinds, row)}))
