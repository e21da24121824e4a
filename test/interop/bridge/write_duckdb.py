"""Writes a table with DuckDB through the REST catalog, and reads each version with delta-rs: URI TOKEN NAMESPACE LAKE."""

import json
import pathlib
import sys

from deltalake import DeltaTable

from duckdb_catalog import attached
from leave import leave

uri, token, namespace, lake = sys.argv[1:]
connection = attached(uri, token)


def show(step):
    iceberg = connection.execute(f"SELECT * FROM ice.{namespace}.duck ORDER BY id").fetchall()
    (folder,) = pathlib.Path(lake, namespace).glob("duck-*")
    delta = DeltaTable(str(folder))
    read = sorted(tuple(row.values()) for row in delta.to_pyarrow_table().to_pylist())
    print(json.dumps({"step": step, "version": delta.version(), "rows": len(iceberg), "same": iceberg == read}))


connection.execute(f"CREATE SCHEMA ice.{namespace}")
connection.execute(f"CREATE TABLE ice.{namespace}.duck (id BIGINT, name VARCHAR, day DATE)")
show("created")
connection.execute(f"INSERT INTO ice.{namespace}.duck SELECT i, 'žluť ' || i, DATE '1970-01-01' + i::INTEGER FROM range(10) r(i)")
show("appended")
connection.execute(f"INSERT INTO ice.{namespace}.duck VALUES (100, NULL, NULL)")
show("appended again")
try:
    connection.execute(f"DELETE FROM ice.{namespace}.duck WHERE id = 3")
except Exception as error:
    print(json.dumps({"step": "a delete is refused", "why": str(error)}))
show("as before")
connection.execute(f"ALTER TABLE ice.{namespace}.duck ADD COLUMN note VARCHAR")
show("a column added")
leave()
