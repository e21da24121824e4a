"""Writes a table with DuckDB through the REST catalog, and reads each version with delta-rs: URI TOKEN NAMESPACE LAKE."""

import json
import pathlib
import sys

from deltalake import DeltaTable

from duckdb_catalog import attached
from leave import leave

uri, token, namespace, lake = sys.argv[1:]
connection = attached(uri, token)
table = f"ice.{namespace}.duck"


def show(step):
    iceberg = connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()
    (folder,) = pathlib.Path(lake, namespace).glob("duck-*")
    delta = DeltaTable(str(folder))
    read = sorted(tuple(row.values()) for row in delta.to_pyarrow_table().to_pylist())
    print(json.dumps({"step": step, "version": delta.version(), "rows": len(iceberg), "same": iceberg == read}))


connection.execute(f"CREATE SCHEMA ice.{namespace}")
connection.execute(f"CREATE TABLE {table} (id BIGINT, name VARCHAR, day DATE)")
show("created")
connection.execute(f"INSERT INTO {table} SELECT i, 'žluť ' || i, DATE '1970-01-01' + i::INTEGER FROM range(10) r(i)")
show("appended")
connection.execute(f"INSERT INTO {table} VALUES (100, NULL, NULL)")
show("appended again")
connection.execute(f"DELETE FROM {table} WHERE id = 3 OR id = 100")
show("rows deleted")
connection.execute(f"DELETE FROM {table} WHERE id = 4")
show("deleted from the same file")
connection.execute(f"UPDATE {table} SET name = 'changed' WHERE id > 7")
show("updated")
connection.execute(
    f"MERGE INTO {table} USING (VALUES (1, 'merged'), (50, 'new')) AS s(id, name) ON {table}.id = s.id "
    "WHEN MATCHED THEN UPDATE SET name = s.name WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.name, NULL)"
)
show("merged")
connection.execute(f"ALTER TABLE {table} ADD COLUMN note VARCHAR")
show("a column added")
leave()
