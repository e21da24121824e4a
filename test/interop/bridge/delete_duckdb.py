"""Deletes and updates rows with DuckDB through the REST catalog, and reads each version with delta-rs: URI TOKEN NAMESPACE.TABLE LAKE."""

import json
import pathlib
import sys

from deltalake import DeltaTable, QueryBuilder

from duckdb_catalog import attached
from leave import leave

uri, token, name, lake = sys.argv[1:]
namespace, table = name.split(".")
connection = attached(uri, token)


def show(step):
    iceberg = connection.execute(f"SELECT id, name, side FROM ice.{name} ORDER BY id").fetchall()
    (folder,) = pathlib.Path(lake, namespace).glob(f"{table}*")
    delta = DeltaTable(str(folder))
    batches = QueryBuilder().register("t", delta).execute("SELECT id, name, side FROM t ORDER BY id").read_all()
    read = [tuple(value.as_py() for value in row) for row in zip(*batches.columns)]
    print(json.dumps({"step": step, "version": delta.version(), "rows": len(iceberg), "same": iceberg == read}))


def run(step, *statements):
    try:
        for statement in statements:
            connection.execute(statement)
    except Exception as error:
        print(json.dumps({"step": f"{step}: refused", "why": str(error)}))
    show(step)


run("inserted", f"INSERT INTO ice.{name} SELECT i, 'žluť ' || i, if(i % 2 = 0, 'left', NULL) FROM range(100) r(i)")
run("inserted again", f"INSERT INTO ice.{name} SELECT 100 + i, 'b ' || i, 'left' FROM range(100) r(i)")
run("deleted in both files", f"DELETE FROM ice.{name} WHERE id % 10 = 3")
run("deleted again in the same files", f"DELETE FROM ice.{name} WHERE id % 10 = 4")
run("updated", f"UPDATE ice.{name} SET name = 'new' WHERE id < 5")
run("a whole file deleted", f"DELETE FROM ice.{name} WHERE id >= 100 AND name <> 'new'")
run(
    "several changes in one commit",
    "BEGIN",
    f"INSERT INTO ice.{name} VALUES (1000, 'x', 'left'), (1001, 'y', 'right')",
    f"DELETE FROM ice.{name} WHERE id = 7",
    "COMMIT",
)
# Another writer deletes in the same file meanwhile: this one is told, and neither loses anything.
other = attached(uri, token)
connection.execute("BEGIN")
connection.execute(f"DELETE FROM ice.{name} WHERE id = 8")
other.execute(f"DELETE FROM ice.{name} WHERE id = 9")
run("lost a race", "COMMIT")
run("tried again", f"DELETE FROM ice.{name} WHERE id = 8")
leave()
