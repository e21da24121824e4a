"""Writes a table with PyIceberg through the REST catalog, and reads each version with delta-rs: URI TOKEN NAMESPACE PARTITIONED."""

import datetime
import decimal
import json
import sys

import pyarrow as pa
from deltalake import DeltaTable
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import DateType, DecimalType, DoubleType, LongType, NestedField, StringType, TimestamptzType

from leave import leave

uri, token, namespace, partitioned = sys.argv[1:]
catalog = RestCatalog("onecopy", uri=uri, token=token)
catalog.create_namespace_if_not_exists(namespace)
schema = Schema(
    NestedField(1, "id", LongType()),
    NestedField(2, "region", StringType()),
    NestedField(3, "amount", DecimalType(12, 2)),
    NestedField(4, "score", DoubleType()),
    NestedField(5, "day", DateType()),
    NestedField(6, "seen", TimestamptzType()),
)
spec = PartitionSpec(*([PartitionField(2, 1000, IdentityTransform(), "region")] if partitioned == "identity" else []))
table = catalog.create_table((namespace, f"py_{partitioned}"), schema, partition_spec=spec, properties={"note": "by pyiceberg"})


def rows(first, count, region):
    utc = datetime.timezone.utc
    return pa.table(
        {
            "id": pa.array(range(first, first + count), pa.int64()),
            "region": pa.array([region] * (count - 1) + [None]),
            "amount": pa.array([decimal.Decimal(i) / 4 for i in range(count)], pa.decimal128(12, 2)),
            "score": pa.array([float("nan") if i == 1 else i / 7 for i in range(count)]),
            "day": pa.array([datetime.date(1969, 12, 31) + datetime.timedelta(days=i) for i in range(count)]),
            "seen": pa.array([datetime.datetime(1969, 12, 31, 23, 59, 59, i, utc) for i in range(count)], pa.timestamp("us", "UTC")),
        }
    )


def show(step):
    """The same rows from both sides, as they are right after a commit."""
    iceberg = catalog.load_table(table.name()).scan().to_arrow().to_pylist()
    delta = DeltaTable(table.location().removeprefix("file://"))
    read = delta.to_pyarrow_table().to_pylist()
    version = delta.version()
    in_order = lambda found: sorted(json.dumps(row, default=str, sort_keys=True) for row in found)
    print(json.dumps({"step": step, "version": version, "rows": len(iceberg), "same": in_order(iceberg) == in_order(read)}))


show("created")
table.append(rows(1, 5, "north"))
show("appended")
table.append(rows(100, 4, "south, ž %"))
show("appended again")
table.delete("id = 101")
show("a row deleted, its file written again")
table.overwrite(rows(500, 3, "north"), overwrite_filter="region = 'north'")
show("overwritten")
with table.update_schema() as update:
    update.add_column("city", StringType())
show("a column added")
table.append(rows(900, 2, "west").append_column("city", pa.array(["Łódź", None])))
show("appended with it")
with table.update_schema() as update:
    update.delete_column("score")
show("a column dropped")
with table.transaction() as transaction:
    transaction.set_properties(note="changed")
    transaction.append(rows(1000, 2, "east").drop_columns(["score"]).append_column("city", pa.array(["x", "y"])))
show("several changes in one commit")
try:
    with table.update_schema() as update:
        update.rename_column("city", "town")
except Exception as error:
    print(json.dumps({"step": "a rename is refused", "why": str(error)}))
    table = catalog.load_table(table.name())
try:
    with table.manage_snapshots() as snapshots:
        snapshots.create_branch(table.current_snapshot().snapshot_id, "aside")
    table.refresh()
    table.append(rows(2000, 2, "aside").drop_columns(["score"]).append_column("city", pa.array(["x", "y"])), branch="aside")
except Exception as error:
    print(json.dumps({"step": "rows on a branch are refused", "why": str(error)}))
table = catalog.load_table(table.name())
show("as before")
leave()
