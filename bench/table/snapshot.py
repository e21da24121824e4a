"""One listing by another client, in a process of its own: `snapshot.py CLIENT FOLDER METADATA`; see snapshot.ts."""

import json
import resource
import sys
import time

client, folder, metadata = sys.argv[1:4]
if client == "pyiceberg":
    from pyiceberg.table import StaticTable
else:
    from deltalake import DeltaTable

started = time.perf_counter()
if client == "pyiceberg":
    files = list(StaticTable.from_metadata(metadata).scan().plan_files())
    count, size = len(files), sum(task.file.file_size_in_bytes for task in files)
elif client == "delta-rs-paths":
    count, size = len(DeltaTable(folder).file_uris()), None
else:
    actions = DeltaTable(folder).get_add_actions(flatten=True)
    sizes = actions.column("size_bytes")
    count, size = len(sizes), sum(value.as_py() for value in sizes)
seconds = time.perf_counter() - started

peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "files": count, "sizeBytes": size, "peakMb": peak / 1024}))
