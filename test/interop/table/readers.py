"""Reads tables with clients that know nothing of OneCopy. One request a line on stdin, one answer a line on stdout, both JSON.

request: {"delta": folder, "version": n | null, "metadata": Iceberg metadata file,
          "readers": [name] (left out: all), "digest": true (left out: the rows themselves),
          "s3": {"endpoint", "key", "secret", "region"} (left out: files),
          "filter": null | {"column", "fields"?: [name], "op": "=" | "<" | ">" | "null", "value": text, "type": an SQL type}}
      or {"sql": text}: what DuckDB itself says to a query, as "duckdb_itself"
answer:  {reader: {"columns": [name], "rows": [[text | null]]} | {"error": text}}

Values are canonical texts (canonical.py); rows are sorted."""

import datetime, decimal, json, os, sys
import duckdb
import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder
from pyiceberg import expressions as ice
from pyiceberg.table import StaticTable

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import canonical

connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
connection.execute(f"SET extension_directory = '{sys.argv[1]}'")
for extension in ("httpfs", "avro", "iceberg", "delta"):
    connection.execute(f"LOAD {extension}")


def answer(table):
    table = pa.table(table)
    columns = [[canonical.cell(canonical.from_arrow(v)) for v in table.column(i)] for i in range(table.num_columns)]
    rows = sorted((list(row) for row in zip(*columns)), key=canonical.row_key)
    return {"columns": table.column_names, "rows": rows}


def digest(table):
    """All rows as one text. The same as `digest` in test/crash/state.ts."""
    arrow_rows = pa.table(table)
    rows = connection.sql(
        """WITH lines AS (SELECT CAST(t AS VARCHAR) AS line FROM arrow_rows AS t)
        SELECT CASE WHEN count(*) <= 100 THEN coalesce(string_agg(line, chr(10) ORDER BY line), '')
          ELSE count(*) || ' rows, ' || bit_xor(hash(line)) END AS rows FROM lines"""
    ).fetchone()
    return {"columns": ["rows"], "rows": [list(rows)]}


def sql_filter(f):
    if f is None:
        return "true"
    name = ".".join('"' + part.replace('"', '""') + '"' for part in path(f))
    if f["op"] == "null":
        return f"{name} IS NULL"
    value = "'" + f["value"].replace("'", "''") + "'"
    return f"{name} {f['op']} " + (value if f["type"] == "VARCHAR" else f"CAST({value} AS {f['type']})")


def path(f):
    """From the column down to the field of a struct."""
    return [f["column"], *f.get("fields", [])]


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
        return ice.IsNull(".".join(path(f)))
    value = f["value"] if f["type"] in ("DATE", "VARCHAR") or f["type"].startswith("TIMESTAMP") else python_value(f)
    return {"=": ice.EqualTo, "<": ice.LessThan, ">": ice.GreaterThan}[f["op"]](".".join(path(f)), value)


def polars_filter(frame, f):
    if f is None:
        return frame
    column = pl.col(f["column"])
    for part in f.get("fields", []):
        column = column.struct.field(part)
    if f["op"] == "null":
        return frame.filter(column.is_null())
    value = pl.lit(python_value(f))
    return frame.filter({"=": column == value, "<": column < value, ">": column > value}[f["op"]])


def arrow(relation):
    return relation.to_arrow_table() if hasattr(relation, "to_arrow_table") else relation.fetch_arrow_table()


def storage_options(q):
    """What delta-rs calls where S3 is."""
    s3 = q.get("s3")
    names = {"endpoint": "aws_endpoint", "key": "aws_access_key_id", "secret": "aws_secret_access_key", "region": "aws_region"}
    return None if s3 is None else {"aws_allow_http": "true", **{names[name]: value for name, value in s3.items()}}


def static_table(q):
    names = {"endpoint": "s3.endpoint", "key": "s3.access-key-id", "secret": "s3.secret-access-key", "region": "s3.region"}
    return StaticTable.from_metadata(q["metadata"], {names[name]: value for name, value in (q.get("s3") or {}).items()})


def use_secret(q):
    s3 = q.get("s3")
    if s3 is not None:
        endpoint = s3["endpoint"].removeprefix("http://")
        connection.execute(
            f"""CREATE OR REPLACE SECRET s3 (TYPE s3, KEY_ID '{quoted(s3["key"])}', SECRET '{quoted(s3["secret"])}',
            REGION '{s3["region"]}', ENDPOINT '{endpoint}', URL_STYLE 'path', USE_SSL false)"""
        )


def delta_rs(q):
    table = DeltaTable(q["delta"], version=q["version"], storage_options=storage_options(q))
    if q["filter"] is None:
        return table.to_pyarrow_table()
    return pa.table(QueryBuilder().register("t", table).execute(f"SELECT * FROM t WHERE {sql_filter(q['filter'])}"))


def duckdb_delta(q):
    version = "" if q["version"] is None else f", version = {q['version']}"
    return arrow(connection.sql(f"SELECT * FROM delta_scan('{quoted(q['delta'])}'{version}) WHERE {sql_filter(q['filter'])}"))


def polars_delta(q):
    return polars_filter(pl.scan_delta(q["delta"], version=q["version"]), q["filter"]).collect().to_arrow()


def pyiceberg(q):
    scan = static_table(q).scan(row_filter=iceberg_filter(q["filter"]))
    try:
        return scan.to_arrow()
    except pa.ArrowTypeError as error:
        # Files of delta-rs' updates and merges say string_view, which to_arrow cannot put beside the string of others.
        if "string_view" not in str(error):
            raise
        return scan.to_arrow_batch_reader().read_all()


def duckdb_iceberg(q):
    return arrow(connection.sql(f"SELECT * FROM iceberg_scan('{quoted(q['metadata'])}') WHERE {sql_filter(q['filter'])}"))


def polars_iceberg(q):
    frame = pl.scan_iceberg(static_table(q))
    return polars_filter(frame, q["filter"]).collect().to_arrow()


def pandas(q):
    import pandas as pd
    frame = DeltaTable(q["delta"], version=q["version"]).to_pandas(types_mapper=pd.ArrowDtype)
    return pa.Table.from_pandas(frame, preserve_index=False)


def quoted(path):
    return path.replace("'", "''")


def duckdb_itself(q):
    return arrow(connection.sql(q["sql"]))


readers = [delta_rs, duckdb_delta, polars_delta, pyiceberg, duckdb_iceberg, polars_iceberg, pandas]
for line in sys.stdin:
    request = json.loads(line)
    answers = {}
    for reader in [duckdb_itself] if "sql" in request else readers:
        if request.get("readers") is not None and reader.__name__ not in request["readers"]:
            continue
        try:
            use_secret(request)
            answers[reader.__name__] = (digest if request.get("digest") else answer)(reader(request))
        except Exception as error:
            answers[reader.__name__] = {"error": f"{type(error).__name__}: {error}"[:500]}
    print(json.dumps(answers), flush=True)
