"""One client of the soak, which lives as long as it. Usage: client.py KIND ARGUMENTS…; for each line on stdin, {"batch"} or {}, it
writes that batch, or sums up what it reads, and answers with a line: {"done"}, {"seen"} or {"error"}.

sharing-delta, sharing-parquet PROFILE SHARE.SCHEMA.TABLE; catalog, catalog-append URI CREDENTIAL NAME [WAREHOUSE];
duckdb URI TOKEN NAME WAREHOUSE; delta-append FOLDER. BATCH_ROWS rows are a batch."""

import json
import os
import sys
import traceback

import pyarrow as pa

kind, *arguments = sys.argv[1:]
BATCH_ROWS = int(os.environ["BATCH_ROWS"])


def rows(batch):
    ks = range(BATCH_ROWS)
    column = lambda values: pa.array(values, pa.int64())
    return pa.table(
        {
            "batch": column([batch] * BATCH_ROWS),
            "k": column(ks),
            "v": column([(batch * 7919 + k * 31) % 10007 for k in ks]),
            "touched": column([0] * BATCH_ROWS),
        }
    )


def summed(table):
    by = table.group_by("batch").aggregate([("v", "count"), ("v", "sum"), ("touched", "min"), ("touched", "max")])
    names = ["batch", "v_count", "v_sum", "touched_min", "touched_max"]
    return [list(row) for row in zip(*(by.column(name).to_pylist() for name in names))]


def sharing(use_delta_format):
    import delta_sharing

    profile, name = arguments
    # The client of the other format gives whole numbers as doubles where there are nulls; here there are none.
    return lambda: summed(pa.Table.from_pandas(delta_sharing.load_as_pandas(f"{profile}#{name}", use_delta_format=use_delta_format)))


def catalog():
    from pyiceberg.catalog.rest import RestCatalog

    uri, credential, name, *warehouse = arguments
    options = {"warehouse": warehouse[0]} if warehouse else {}
    return RestCatalog("onecopy", uri=uri, credential=credential, **options), name


def catalog_reader():
    loaded, name = catalog()
    return lambda: summed(loaded.load_table(name).scan().to_arrow())


def catalog_writer():
    from pyiceberg.exceptions import CommitFailedException, ValidationException

    loaded, name = catalog()

    def write(batch):
        for lost in range(100):
            try:
                loaded.load_table(name).append(rows(batch))
                return lost
            except CommitFailedException:
                continue
            except ValidationException as error:  # of PyIceberg's own retry: what delta-rs had committed is in a later snapshot
                if "Cannot find starting snapshot" not in str(error):
                    raise
        raise RuntimeError("a hundred conflicts")

    return write


def duckdb_reader():
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../interop/bridge"))
    from duckdb_catalog import attached

    uri, token, name, warehouse = arguments
    sql = f"{os.environ['SUMMED']} FROM ice.{name} GROUP BY batch"

    def read():
        with attached(uri, token, warehouse) as connection:
            return [[int(cell) for cell in row] for row in connection.execute(sql).fetchall()]

    return read


def delta_writer():
    from deltalake import CommitProperties, write_deltalake
    from deltalake.exceptions import CommitFailedError

    (folder,) = arguments
    properties = CommitProperties(max_commit_retries=1000)

    def write(batch):
        for lost in range(100):
            try:
                write_deltalake(folder, rows(batch), mode="append", commit_properties=properties)
                return lost
            except CommitFailedError as error:  # delta-rs takes an append for a reader of what was removed meanwhile
                if "deleted data this operation read" not in str(error):
                    raise
        raise RuntimeError("a hundred conflicts")

    return write


made = {
    "sharing-delta": lambda: sharing(True),
    "sharing-parquet": lambda: sharing(False),
    "catalog": catalog_reader,
    "catalog-append": catalog_writer,
    "duckdb": duckdb_reader,
    "delta-append": delta_writer,
}[kind]()
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"done": made(request["batch"])} if "batch" in request else {"seen": made()}
    except Exception:
        answer = {"error": traceback.format_exc()}
    print(json.dumps(answer), flush=True)
