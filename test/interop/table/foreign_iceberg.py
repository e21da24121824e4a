"""Iceberg tables as PyIceberg makes them, and its answers. One JSON request a line on stdin, one JSON answer a line on stdout.

request: {"make": scenario, "folder": folder}     a table at that folder; answers {"metadata": its newest metadata file}
         {"iceberg": metadata file, "where": text | null, "snapshot": id | null}   the rows as PyIceberg reads them
         {"parquet": file}                        the rows of a Parquet file
answer:  {"columns": [name], "rows": [[text | null]]}, rows sorted, values as canonical.py has them | {"error": text}"""

import datetime, decimal, json, os, sys, uuid
import pyarrow as pa, pyarrow.parquet as pq
from pyiceberg.catalog import MetastoreCatalog
from pyiceberg.catalog.noop import NoopCatalog
from pyiceberg.expressions.parser import parse
from pyiceberg.io import load_file_io
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import CommitTableResponse, StaticTable, Table
from pyiceberg.table.locations import load_location_provider
from pyiceberg.table.metadata import new_table_metadata
from pyiceberg.table.sorting import UNSORTED_SORT_ORDER
from pyiceberg.transforms import parse_transform
from pyiceberg.types import *

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import canonical


class OneTable(NoopCatalog, MetastoreCatalog):
    """A catalog that remembers one table, in memory; the metadata files are PyIceberg's own."""

    def create(self, folder, schema, spec, properties):
        location = f"file://{folder}"
        where = load_location_provider(location, properties).new_table_metadata_file_location()
        metadata = new_table_metadata(schema, spec, UNSORTED_SORT_ORDER, location, properties)
        io = load_file_io({}, where)
        self._write_metadata(metadata, io, where)
        self.table = Table(("ns", "t"), metadata, where, io, self)
        return self.table

    def load_table(self, identifier):
        return self.table

    def _load_file_io(self, properties={}, location=None):
        return load_file_io(properties, location)

    def commit_table(self, table, requirements, updates):
        staged = self._update_and_stage_table(self.table, ("ns", "t"), requirements, updates)
        self._write_metadata(staged.metadata, staged.io, staged.metadata_location)
        self.table = Table(("ns", "t"), staged.metadata, staged.metadata_location, staged.io, self)
        return CommitTableResponse(metadata=staged.metadata, metadata_location=staged.metadata_location)


def create(folder, fields, partition=(), **properties):
    schema = Schema(*fields)
    spec = PartitionSpec(
        *[
            PartitionField(schema.find_field(column).field_id, 1000 + i, parse_transform(transform), f"p{i}")
            for i, (column, transform) in enumerate(partition)
        ]
    )
    properties = {key.replace("_", "-"): value for key, value in properties.items()}
    return OneTable("one").create(folder, schema, spec, properties)


def append(table, rows):
    table.append(pa.Table.from_pylist(rows, schema=table.schema().as_arrow()))


UTC = datetime.timezone.utc
moments = [
    datetime.datetime(1969, 12, 31, 23, 59, 59, 999999),
    datetime.datetime(1970, 1, 1),
    datetime.datetime(2024, 2, 29, 12, 30, 0, 1),
    datetime.datetime(1900, 1, 1, 5),
    datetime.datetime(9999, 12, 31, 23, 59, 59, 999999),
    None,
]


def types(folder, version):
    table = create(
        folder,
        [
            NestedField(1, "id", LongType()),
            NestedField(2, "b", BooleanType()),
            NestedField(3, "i", IntegerType()),
            NestedField(4, "f", FloatType()),
            NestedField(5, "d", DoubleType()),
            NestedField(6, "dec9", DecimalType(9, 2)),
            NestedField(7, "dec38", DecimalType(38, 10)),
            NestedField(8, "day", DateType()),
            NestedField(9, "t", TimeType()),
            NestedField(10, "ntz", TimestampType()),
            NestedField(11, "tz", TimestamptzType()),
            NestedField(12, "s", StringType()),
            NestedField(13, "u", UUIDType()),
            NestedField(14, "fix", FixedType(3)),
            NestedField(15, "bin", BinaryType()),
            NestedField(16, "l", ListType(17, IntegerType(), False)),
            NestedField(18, "m", MapType(19, StringType(), 20, LongType(), False)),
            NestedField(21, "st", StructType(NestedField(22, "a", IntegerType()), NestedField(23, "ž b", StringType()))),
            NestedField(24, "ls", ListType(25, StructType(NestedField(26, "x", IntegerType())), False)),
        ],
        format_version=str(version),
    )
    append(
        table,
        [
            {
                "id": i,
                "b": None if i == 5 else i % 2 == 0,
                "i": [-(2**31), 2**31 - 1, 0, 1, -1, None][i],
                "f": [float("nan"), float("inf"), -0.0, 1.5, -1.25, None][i],
                "d": [float("nan"), float("-inf"), 0.1, 1e300, -2.5, None][i],
                "dec9": [decimal.Decimal(x) if x else None for x in ("9999999.99", "-9999999.99", "0.00", "1.10", "-0.01", None)][i],
                "dec38": [decimal.Decimal(x) if x else None for x in ("9" * 28 + ".0123456789", "-1.0000000001", "0.0000000000", "1.5000000000", "-1.0000000000", None)][i],
                "day": moment.date() if moment else None,
                "t": moment.time() if moment else None,
                "ntz": moment,
                "tz": moment.replace(tzinfo=UTC) if moment else None,
                "s": ["", "žluť 🐎", "it's \"x\"", "a" * 100, "\n", None][i],
                "u": uuid.UUID(int=i + 2**100).bytes if moment else None,
                "fix": b"\x00\xff" + bytes([i]) if moment else None,
                "bin": [b"", b"\x00", b"\xff" * 20, b"a", b"b", None][i],
                "l": [[], [1, None], [2], None, [3], [4]][i],
                "m": [[], [("k", 1), ("j", None)], [("", 2)], None, [("x", 3)], [("y", 4)]][i],
                "st": {"a": i, "ž b": None} if moment else None,
                "ls": [{"x": i}, {"x": None}],
            }
            for i, moment in enumerate(moments)
        ],
    )
    return table


def partitions(folder, version):
    """Other transforms than identity PyIceberg does not write without a further package; Spark writes them in the tests."""
    fields = [
        NestedField(1, "id", LongType()),
        NestedField(2, "name", StringType()),
        NestedField(3, "day", DateType()),
        NestedField(4, "ok", BooleanType()),
    ]
    table = create(folder, fields, [("name", "identity"), ("day", "identity")], format_version=str(version))
    append(table, partitioned(0))
    with table.update_spec() as update:
        update.remove_field("p0")
        update.add_field("ok", parse_transform("identity"), "k")
    append(table, partitioned(100))
    return table


def partitioned(start):
    names = [None, "a/b=c", "beta", "žluť", "", "al"]
    days = [moment and moment.date() for moment in moments]
    return [{"id": start + i, "name": names[i], "day": days[i], "ok": [True, False, None][i % 3]} for i in range(6)]


def evolution(folder, version):
    inner = StructType(NestedField(5, "x", IntegerType()), NestedField(6, "y", FloatType()))
    table = create(
        folder,
        [
            NestedField(1, "id", IntegerType()),
            NestedField(2, "name", StringType()),
            NestedField(3, "amount", DecimalType(9, 2)),
            NestedField(4, "s", inner),
            NestedField(7, "l", ListType(8, StructType(NestedField(9, "p", IntegerType()), NestedField(10, "q", StringType())), False)),
            NestedField(11, "m", MapType(12, StringType(), 13, StructType(NestedField(14, "v", FloatType())), False)),
            NestedField(15, "gone", StringType()),
        ],
        format_version=str(version),
    )
    row = {"id": 1, "name": "a", "amount": decimal.Decimal("1.50"), "s": {"x": 1, "y": 0.5}, "l": [{"p": 1, "q": "q"}], "m": [("k", {"v": 2.5})], "gone": "g"}
    append(table, [row, {**row, "id": 2, "s": None, "l": [], "m": []}])
    with table.update_schema() as update:
        update.update_column("id", LongType())
        update.update_column("amount", DecimalType(18, 2))
        update.update_column(("s", "y"), DoubleType())
        update.rename_column(("s", "x"), "renamed")
        update.add_column(("s", "new"), StringType())
        update.move_first(("s", "new"))
        update.update_column(("l", "element", "p"), LongType())
        update.rename_column(("l", "element", "q"), "qq")
        update.add_column(("l", "element", "r"), IntegerType())
        update.update_column(("m", "value", "v"), DoubleType())
        update.add_column(("m", "value", "w"), StringType())
        update.rename_column("name", "nom")
        update.delete_column("gone")
    with table.update_schema() as update:
        update.add_column("gone", LongType())
        update.add_column("extra", StringType())
        update.move_first("extra")
    append(
        table,
        [
            {
                "extra": "e",
                "id": 2**40,
                "nom": "b",
                "amount": decimal.Decimal("12345678901.25"),
                "s": {"new": "n", "renamed": 7, "y": 0.1},
                "l": [{"p": 2**40, "qq": "z", "r": 3}],
                "m": [("k", {"v": 0.1, "w": "w"})],
                "gone": 5,
            }
        ],
    )
    return table


def mapped(folder, version):
    """Files of another writer, without ids, become a table's; columns are renamed and added afterwards."""
    os.makedirs(f"{folder}/data", exist_ok=True)
    for i in range(2):
        rows = pa.table(
            {
                "id": pa.array([i, None], pa.int64()),
                "Name": pa.array([f"n{i}", None]),
                "s": pa.array([{"a": i}, None], pa.struct([("a", pa.int32())])),
                "l": pa.array([[{"b": i}], []], pa.list_(pa.struct([("b", pa.int32())]))),
            }
        )
        pq.write_table(rows, f"{folder}/data/{i}.parquet")
    table = create(
        folder,
        [
            NestedField(1, "id", LongType()),
            NestedField(2, "Name", StringType()),
            NestedField(3, "s", StructType(NestedField(4, "a", IntegerType()))),
            NestedField(5, "l", ListType(6, StructType(NestedField(7, "b", IntegerType())), False)),
        ],
        format_version=str(version),
    )
    table.add_files([f"file://{folder}/data/{i}.parquet" for i in range(2)])
    with table.update_schema() as update:
        update.rename_column("Name", "nom")
        update.rename_column(("s", "a"), "aa")
        update.rename_column(("l", "element", "b"), "bb")
        update.add_column("new", StringType())
    append(table, [{"id": 9, "nom": "own", "s": {"aa": 9}, "l": [{"bb": 9}], "new": "x"}])
    return table


def deleted(folder, version):
    table = create(folder, [NestedField(1, "id", LongType()), NestedField(2, "name", StringType())], [("name", "identity")], format_version=str(version))
    append(table, [{"id": i, "name": "ab"[i % 2]} for i in range(10)])
    table.manage_snapshots().create_tag(table.current_snapshot().snapshot_id, "all").commit()
    table.delete("id < 3")
    table.manage_snapshots().create_branch(table.current_snapshot().snapshot_id, "some").commit()
    table.overwrite(pa.table({"id": pa.array([100], pa.int64()), "name": pa.array(["c"])}), "name == 'b'")
    return table


def answer(table):
    columns = [[text(value) for value in table.column(i)] for i in range(table.num_columns)]
    rows = sorted((list(row) for row in zip(*columns)), key=canonical.row_key)
    return {"columns": table.column_names, "rows": rows}


def text(value):
    # OneCopy holds these two as text.
    if isinstance(value, pa.ExtensionScalar) and value.is_valid:
        return str(uuid.UUID(bytes=value.value.as_py()))
    if pa.types.is_time(value.type) and value.is_valid:
        moment = value.as_py().isoformat()
        return moment.rstrip("0") if "." in moment else moment
    return canonical.cell(canonical.from_arrow(value))


def run(request):
    if "make" in request:
        name, version = request["make"].split("-v")
        table = {"types": types, "partitions": partitions, "evolution": evolution, "mapped": mapped, "deleted": deleted}[name](request["folder"], int(version))
        return {"metadata": table.catalog.table.metadata_location.removeprefix("file://")}
    if "parquet" in request:
        return answer(pq.ParquetFile(request["parquet"]).read())
    table = StaticTable.from_metadata(request["iceberg"])
    where = {} if request.get("where") is None else {"row_filter": parse(request["where"])}
    snapshot = {} if request.get("snapshot") is None else {"snapshot_id": int(request["snapshot"])}
    return answer(table.scan(**where, **snapshot).to_arrow())


print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    try:
        print(json.dumps(run(json.loads(line))), flush=True)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"[:600]}), flush=True)
