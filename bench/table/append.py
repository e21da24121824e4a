"""Times small appends by delta-rs and by PyIceberg, each on a table of its own that stays open: the milliseconds of each, as JSON.

python append.py FOLDER COUNT ROWS"""

import json, sys, time, pathlib
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from pyiceberg.catalog.memory import InMemoryCatalog

folder, count, rows = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
data = pa.table(
    {
        "id": pa.array(range(rows), pa.int64()),
        "name": pa.array([f"name {i}" for i in range(rows)]),
        "amount": pa.array([i / 4 for i in range(rows)], pa.float64()),
    }
)


def timed(work):
    times = []
    for _ in range(count):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return times


delta = str(folder / "delta-rs")
write_deltalake(delta, data)
table = DeltaTable(delta)
delta_times = timed(lambda: write_deltalake(table, data, mode="append"))

catalog = InMemoryCatalog("bench", warehouse=f"file://{folder}/pyiceberg")
catalog.create_namespace("ns")
iceberg = catalog.create_table("ns.t", data.schema)
iceberg.append(data)
iceberg_times = timed(lambda: iceberg.append(data))

print(json.dumps({"delta-rs": delta_times, "PyIceberg": iceberg_times}))
