"""Changes the table of the matrix with delta-rs. Usage: delta_rs.py FOLDER OPERATION…"""

import sys
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

folder, operations = sys.argv[1], sys.argv[2:]
new = pa.table({"k": pa.array([9], pa.int64()), "s": pa.array(["new"])})
changed = pa.table({"k": pa.array([2, 9], pa.int64()), "s": pa.array(["changed", "new"])})
for operation in operations:
    if operation == "append":
        # With schema_mode, the columns that the rows lack are null.
        write_deltalake(folder, new, mode="append", schema_mode="merge")
    elif operation == "delete":
        DeltaTable(folder).delete("k = 2")
    elif operation == "update":
        DeltaTable(folder).update(updates={"s": "'changed'"}, predicate="k = 2")
    elif operation == "merge":
        merger = DeltaTable(folder).merge(changed, "t.k = v.k", source_alias="v", target_alias="t")
        merger.when_matched_update({"s": "v.s"}).when_not_matched_insert({"k": "v.k", "s": "v.s"}).execute()
    elif operation == "compact":
        DeltaTable(folder).optimize.compact()
    elif operation == "checkpoint":
        DeltaTable(folder).create_checkpoint()
    elif operation == "vacuum":
        DeltaTable(folder).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
    else:
        raise SystemExit(f"unknown operation {operation}")
