"""delta-rs listing a table's add actions to JSON lines: `sharing.py FOLDER pandas|polars`; see sharing.ts."""

import json
import os
import resource
import sys
import time

import polars
import pyarrow
from deltalake import DeltaTable

folder, writer = sys.argv[1:]
started = time.perf_counter()
table = DeltaTable(folder)


def listed():
    if writer == "polars":
        actions = polars.DataFrame(pyarrow.table(table.get_add_actions(flatten=False)))
        actions.write_ndjson(os.devnull)
        return actions.height
    actions = pyarrow.table(table.get_add_actions(flatten=True)).to_pandas()
    actions.to_json(os.devnull, orient="records", lines=True)
    return len(actions)


files = listed()
first = time.perf_counter() - started
started = time.perf_counter()
listed()
again = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"files": files, "first": first, "again": again, "peakMb": peak}))
