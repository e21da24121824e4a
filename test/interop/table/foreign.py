"""Changes or makes a Delta table with delta-rs. Usage: foreign.py FOLDER OPERATION…"""

import datetime, decimal, sys
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

folder, operations = sys.argv[1], sys.argv[2:]
typed = pa.table(
    {
        "id": pa.array([100, 101, 102], pa.int64()),
        "name": pa.array(["foreign", None, "žluť 🐎"]),
        "f": pa.array([float("nan"), 5.0, None], pa.float64()),
        "at": pa.array(
            [datetime.datetime(2021, 1, 1, 0, 0, 0, 123456, tzinfo=datetime.timezone.utc)] * 2 + [None],
            pa.timestamp("us", tz="UTC"),
        ),
        "amount": pa.array([decimal.Decimal("1.50"), decimal.Decimal("-2.25"), None], pa.decimal128(18, 2)),
        "day": pa.array([datetime.date(1960, 1, 1), None, datetime.date(9999, 12, 31)], pa.date32()),
    }
)
for operation in operations:
    if operation == "append":
        write_deltalake(folder, typed, mode="append")
    elif operation == "append-column":
        write_deltalake(
            folder,
            pa.table({"id": pa.array([200], pa.int64()), "theirs": pa.array([7], pa.int32())}),
            mode="append",
            schema_mode="merge",
        )
    elif operation == "delete":
        DeltaTable(folder).delete("id = 101")
    elif operation == "overwrite":
        write_deltalake(folder, typed.slice(0, 1), mode="overwrite")
    elif operation == "compact":
        DeltaTable(folder).optimize.compact()
    elif operation == "checkpoint":
        DeltaTable(folder).create_checkpoint()
    elif operation == "vacuum":
        DeltaTable(folder).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False, full=True)
    elif operation == "vacuum-kept":
        DeltaTable(folder).vacuum(dry_run=False, full=True)
    elif operation == "vacuum-kept-lite":
        DeltaTable(folder).vacuum(dry_run=False)
    elif operation == "vacuum-lite":
        DeltaTable(folder).vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
    elif operation == "cleanup":
        DeltaTable(folder).cleanup_metadata()
    elif operation == "zorder":
        DeltaTable(folder).optimize.z_order(["id"])
    elif operation == "update":
        DeltaTable(folder).update(predicate="id = 2", updates={"name": "'updated'"})
    elif operation == "merge":
        source = pa.table({"id": pa.array([1, 300], pa.int64()), "name": pa.array(["merged", "new"])})
        merge = DeltaTable(folder).merge(source, "t.id = s.id", source_alias="s", target_alias="t")
        merge = merge.when_matched_update({"name": "s.name"}).when_not_matched_insert({"id": "s.id", "name": "s.name"})
        merge.when_not_matched_by_source_delete("t.id = 0").execute()
    elif operation == "overwrite-where":
        write_deltalake(folder, typed.slice(1, 1), mode="overwrite", predicate="id = 101")
    elif operation == "append-nested":
        nested = pa.array([{"a": 1, "l": [1, None]}], pa.struct([("a", pa.int32()), ("l", pa.list_(pa.int64()))]))
        added = pa.table({"id": pa.array([400], pa.int64()), "st": nested})
        write_deltalake(folder, added, mode="append", schema_mode="merge")
    elif operation == "overwrite-schema":
        other = pa.table({"name": pa.array([7], pa.int64()), "id": pa.array(["text"])})
        write_deltalake(folder, other, mode="overwrite", schema_mode="overwrite")
    elif operation == "add-columns":
        from deltalake import Field, Schema
        from deltalake.schema import PrimitiveType
        DeltaTable(folder).alter.add_columns([Field("added", PrimitiveType("double"))])
    elif operation == "restore-1":
        DeltaTable(folder).restore(1)
    elif operation == "add-constraint":
        DeltaTable(folder).alter.add_constraint({"positive": "id >= 0"})
    elif operation == "create-partitioned":
        write_deltalake(
            folder,
            pa.table(
                {
                    "p": pa.array(["a/b%", None, "ž =[x]"]),
                    "Day": pa.array([datetime.date(2020, 1, 1), None, datetime.date(9999, 12, 31)], pa.date32()),
                    "n": pa.array([-5, None, 7], pa.int32()),
                    "at": typed["at"],
                    "Value": pa.array([1, 2, 3], pa.int64()),
                }
            ),
            partition_by=["p", "Day", "n", "at"],
        )
    elif operation == "create-with-vectors":
        write_deltalake(folder, typed, configuration={"delta.enableDeletionVectors": "true"})
    elif operation == "create-naive":
        write_deltalake(folder, pa.table({"t": pa.array([datetime.datetime(2020, 1, 1)], pa.timestamp("us"))}))
    elif operation == "create-nested":
        write_deltalake(folder, pa.table({"l": pa.array([[1]], pa.list_(pa.int64()))}))
    else:
        raise SystemExit(f"unknown operation {operation}")
