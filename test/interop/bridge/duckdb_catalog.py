"""DuckDB with OneCopy's REST catalog attached as `ice`."""

import pathlib
import sys

import duckdb


def attached(uri, token, warehouse=""):
    """A connection. `warehouse`: a share; without one all that the token may see."""
    extensions = pathlib.Path(sys.executable).parent.parent / "duckdb-extensions"
    connection = duckdb.connect()
    connection.execute(f"SET extension_directory = '{extensions}'; SET TimeZone = 'UTC'")
    for extension in ("httpfs", "avro", "iceberg"):
        connection.execute(f"LOAD {extension}")
    connection.execute(f"CREATE SECRET bridge (TYPE iceberg, TOKEN '{token}')")
    connection.execute(f"ATTACH '{warehouse}' AS ice (TYPE iceberg, ENDPOINT '{uri}', SECRET bridge)")
    return connection
