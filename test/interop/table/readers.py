"""Reads tables with clients that know nothing of OneCopy. One request a line on stdin, one answer a line on stdout, both JSON.

request: {"delta": folder, "version": n | null, "metadata": Iceberg metadata file,
          "filter": null | {"column", "op": "=" | "<" | ">" | "null", "value": text, "type": an SQL type}}
answer:  {reader: {"columns": [name], "rows": [[text | null]]} | {"error": text}}

Values are canonical texts, so that the clients' own types do not matter; rows are sorted."""

import datetime, decimal, glob, json, math, sys
import duckdb
import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from pyiceberg import expressions as ice
from pyiceberg.table import StaticTable

connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
connection.execute(f"SET extension_directory = '{sys.argv[1]}'")
for extension in ("httpfs", "avro", "iceberg", "delta"):
    connection.execute(f"LOAD {extension}")


def text(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "nan" if math.isnan(value) else repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise ValueError("a timestamp without zone")
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    return str(value)


def cells(column):
    """Timestamps and dates as pyarrow prints them: Python's own would go through the machine's zone rules."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        if kind.tz is None:
            raise ValueError("a timestamp without zone")
        micros = column.cast(pa.timestamp("us", tz=kind.tz)).cast(pa.int64()).to_pylist()
        start = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return [None if m is None else text(start + datetime.timedelta(microseconds=m)) for m in micros]
    if pa.types.is_float32(kind):
        return [text(None if v is None else v) for v in column.cast(pa.float64()).to_pylist()]
    return [text(v) for v in column.to_pylist()]


def answer(table):
    table = pa.table(table)
    columns = [cells(table.column(name)) for name in table.column_names]
    rows = [list(row) for row in zip(*columns)]
    return {"columns": table.column_names, "rows": sorted(rows, key=lambda r: [(v is None, v or "") for v in r])}


def sql_filter(f):
    if f is None:
        return "true"
    name = '"' + f["column"].replace('"', '""') + '"'
    if f["op"] == "null":
        return f"{name} IS NULL"
    value = "'" + f["value"].replace("'", "''") + "'"
    return f"{name} {f['op']} " + (value if f["type"] == "VARCHAR" else f"CAST({value} AS {f['type']})")


def python_value(f):
    kind, value = f["type"], f["value"]
    if kind == "BOOLEAN":
        return value == "true"
    if kind in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT"):
        return int(value)
    if kind in ("FLOAT", "DOUBLE"):
        return float(value)
    if kind.startswith("DECIMAL"):
        return decimal.Decimal(value)
    if kind == "DATE":
        return datetime.date.fromisoformat(value)
    if kind.startswith("TIMESTAMP"):
        return datetime.datetime.fromisoformat(value)
    return value


def iceberg_filter(f):
    if f is None:
        return ice.AlwaysTrue()
    if f["op"] == "null":
        return ice.IsNull(f["column"])
    value = f["value"] if f["type"] in ("DATE", "VARCHAR") or f["type"].startswith("TIMESTAMP") else python_value(f)
    return {"=": ice.EqualTo, "<": ice.LessThan, ">": ice.GreaterThan}[f["op"]](f["column"], value)


def polars_filter(frame, f):
    if f is None:
        return frame
    column = pl.col(f["column"])
    if f["op"] == "null":
        return frame.filter(column.is_null())
    value = pl.lit(python_value(f))
    return frame.filter({"=": column == value, "<": column < value, ">": column > value}[f["op"]])


def arrow(relation):
    return relation.to_arrow_table() if hasattr(relation, "to_arrow_table") else relation.fetch_arrow_table()


def delta_rs(q):
    table = DeltaTable(q["delta"], version=q["version"])
    if q["filter"] is None:
        return table.to_pyarrow_table()
    return pa.table(QueryBuilder().register("t", table).execute(f"SELECT * FROM t WHERE {sql_filter(q['filter'])}"))


def duckdb_delta(q):
    version = "" if q["version"] is None else f", version = {q['version']}"
    return arrow(connection.sql(f"SELECT * FROM delta_scan('{quoted(q['delta'])}'{version}) WHERE {sql_filter(q['filter'])}"))


def polars_delta(q):
    return polars_filter(pl.scan_delta(q["delta"], version=q["version"]), q["filter"]).collect().to_arrow()


def pyiceberg(q):
    return StaticTable.from_metadata(q["metadata"]).scan(row_filter=iceberg_filter(q["filter"])).to_arrow()


def duckdb_iceberg(q):
    return arrow(connection.sql(f"SELECT * FROM iceberg_scan('{quoted(q['metadata'])}') WHERE {sql_filter(q['filter'])}"))


def polars_iceberg(q):
    frame = pl.scan_iceberg(StaticTable.from_metadata(q["metadata"]))
    return polars_filter(frame, q["filter"]).collect().to_arrow()


def pandas(q):
    import pandas as pd
    frame = DeltaTable(q["delta"], version=q["version"]).to_pandas(types_mapper=pd.ArrowDtype)
    return pa.Table.from_pandas(frame, preserve_index=False)


def quoted(path):
    return path.replace("'", "''")


readers = [delta_rs, duckdb_delta, polars_delta, pyiceberg, duckdb_iceberg, polars_iceberg, pandas]
for line in sys.stdin:
    request = json.loads(line)
    answers = {}
    for reader in readers:
        if request.get("readers") is not None and reader.__name__ not in request["readers"]:
            continue
        try:
            answers[reader.__name__] = answer(reader(request))
        except Exception as error:
            answers[reader.__name__] = {"error": f"{type(error).__name__}: {error}"[:500]}
    print(json.dumps(answers), flush=True)
