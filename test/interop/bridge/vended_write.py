"""Writes a table with PyIceberg or DuckDB by what the catalog vends, and nothing else: pyiceberg|duckdb URI TOKEN NAMESPACE."""

import json
import sys

from leave import leave

engine, uri, token, namespace = sys.argv[1:]

if engine == "pyiceberg":
    import pyarrow as pa
    from pyiceberg.catalog.rest import RestCatalog

    catalog = RestCatalog("onecopy", uri=uri, token=token)
    rows = pa.table({"id": pa.array(range(10), pa.int64()), "name": [f"č {i}" for i in range(10)]})
    with catalog.create_table_transaction(f"{namespace}.pyiceberg", schema=rows.schema) as staged:
        staged.append(rows)
    table = catalog.load_table(f"{namespace}.pyiceberg")
    table.append(rows)
    table.delete("id = 3")
    ids = catalog.load_table(f"{namespace}.pyiceberg").scan().to_arrow()["id"].to_pylist()
else:
    from duckdb_catalog import attached

    connection = attached(uri, token)
    name = f"ice.{namespace}.duckdb"
    connection.execute(f"CREATE TABLE {name} AS SELECT i AS id, 'č ' || i AS name FROM range(10) r(i)")
    connection.execute(f"INSERT INTO {name} SELECT i, 'č ' || i FROM range(10) r(i)")
    connection.execute(f"DELETE FROM {name} WHERE id = 3")
    ids = [id for (id,) in connection.execute(f"SELECT id FROM {name}").fetchall()]

print(json.dumps({"ids": sorted(ids)}))
leave()
