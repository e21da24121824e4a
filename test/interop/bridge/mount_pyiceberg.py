"""Writes a table with PyIceberg through somebody else's REST catalog, one step for each line of input: URI. Prints what PyIceberg then reads."""

import json
import sys

import pyarrow as pa
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType

catalog = RestCatalog("theirs", uri=sys.argv[1])


def rows(first, count, region, **more):
    return pa.table({"id": pa.array(range(first, first + count), pa.int64()), "region": pa.array([region] * count), **more})


def create():
    catalog.create_namespace("crm")
    schema = Schema(NestedField(1, "id", LongType()), NestedField(2, "region", StringType()))
    spec = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "region"))
    catalog.create_table(("crm", "contacts"), schema, partition_spec=spec).append(rows(0, 5, "north, ž %"))


def append():
    catalog.load_table(("crm", "contacts")).append(rows(100, 3, "south"))


def delete():
    catalog.load_table(("crm", "contacts")).delete("id = 2")


def evolve():
    table = catalog.load_table(("crm", "contacts"))
    with table.update_schema() as update:
        update.add_column("city", StringType())
        update.rename_column("region", "area")
    more = {"area": pa.array(["west"]), "city": pa.array(["Łódź"])}
    table.append(pa.table({"id": pa.array([900], pa.int64()), **more}))


for line in sys.stdin:
    {"create": create, "append": append, "delete": delete, "evolve": evolve}[json.loads(line)]()
    found = catalog.load_table(("crm", "contacts")).scan().to_arrow().to_pylist()
    print(json.dumps(sorted(found, key=lambda row: row["id"])), flush=True)
