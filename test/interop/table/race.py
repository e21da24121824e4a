"""Changes a table of the kind of test/model/race.ts with delta-rs. One request a line on stdin: {"folder", "operation"}."""

import json, sys
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

for line in sys.stdin:
    request = json.loads(line)
    folder, operation = request["folder"], request["operation"]
    if operation == "append":
        rows = pa.table({"id": pa.array([7], pa.int64()), "part": ["b"], "n": pa.array([7], pa.int32())})
        write_deltalake(folder, rows, mode="append")
    elif operation == "delete":
        DeltaTable(folder).delete("id = 7 OR id = 2")
    elif operation == "overwrite":
        rows = pa.table({"id": pa.array([50], pa.int64()), "part": ["a"], "n": pa.array([50], pa.int32())})
        write_deltalake(folder, rows, mode="overwrite")
    elif operation == "compact":
        DeltaTable(folder).optimize.compact()
    else:
        raise ValueError(operation)
    print(json.dumps({"version": DeltaTable(folder).version()}), flush=True)
