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
from pyiceberg.types import DateType, DecimalType, DoubleType, IntegerType, LongType, NestedField, StringType, TimestamptzType

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
    NestedField(7, "count", IntegerType()),
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
            "count": pa.array(range(count), pa.int32()),
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
with table.update_schema() as update:
    update.rename_column("city", "town")
show("a column renamed")
with table.update_schema() as update:
    update.update_column("amount", DecimalType(14, 2))
    update.update_column("count", LongType())
show("columns widened")
renamed = lambda first, region: rows(first, 2, region).drop_columns(["score"]).append_column("town", pa.array(["z", None]))
table.append(renamed(1100, "east"))
show("appended under the new names")
with table.update_schema() as update:
    update.delete_column("town")
with table.update_schema() as update:
    update.add_column("town", LongType())
show("a dropped name comes back with another type")
table.append(rows(1200, 2, "east").drop_columns(["score"]).append_column("town", pa.array([5, None], pa.int64())))
show("appended with it again")


def refused(step, work):
    """What the catalog refuses, in the words that a user sees; the table is then loaded anew."""
    try:
        work()
    except Exception as error:
        print(json.dumps({"step": step, "why": str(error)}))
    return catalog.load_table(table.name())


def rename_and_append():
    with table.transaction() as both:
        with both.update_schema() as update:
            update.rename_column("town", "place")
        both.append(rows(1300, 2, "east").drop_columns(["score"]).append_column("place", pa.array([7, 8], pa.int64())))


table = refused("a rename and rows at once", rename_and_append)


def append_late():
    with table.transaction() as late:
        late.append(rows(1400, 2, "east").drop_columns(["score"]).append_column("town", pa.array([7, 8], pa.int64())))
        with catalog.load_table(table.name()).update_schema() as update:
            update.rename_column("town", "place")


table = refused("rows that were written before a rename", append_late)
if partitioned == "identity":

    def rename_partition():
        with table.update_schema() as update:
            update.rename_column("region", "area")

    table = refused("a partition column's rename", rename_partition)


def append_aside():
    with table.manage_snapshots() as snapshots:
        snapshots.create_branch(table.current_snapshot().snapshot_id, "aside")
    table.refresh()
    table.append(rows(2000, 2, "aside").drop_columns(["score"]).append_column("place", pa.array([1, 2], pa.int64())), branch="aside")


table = refused("rows on a branch are refused", append_aside)
show("as before")
leave()
