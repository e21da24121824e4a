"""delta-rs listing a table's add actions to JSON lines: `sharing.py FOLDER`; see sharing.ts."""

import json
import os
import resource
import sys
import time

import polars
import pyarrow
from deltalake import DeltaTable

started = time.perf_counter()
table = DeltaTable(sys.argv[1])


def listed():
    """Polars writes the Arrow batch as JSON lines in Rust: the fastest of what there is in Python."""
    actions = polars.DataFrame(pyarrow.table(table.get_add_actions(flatten=False)))
    actions.write_ndjson(os.devnull)
    return actions.height


files = listed()
first = time.perf_counter() - started
started = time.perf_counter()
listed()
again = time.perf_counter() - started
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"files": files, "first": first, "again": again, "peakMb": peak}))
