"""Appends two people with PyIceberg through the REST catalog, signed in by client credentials, and compares with delta-rs: URI TOKEN NAMESPACE.TABLE."""

import json
import sys

import pyarrow as pa
from deltalake import DeltaTable
from pyiceberg.catalog.rest import RestCatalog

from leave import leave

uri, token, name = sys.argv[1:]
table = RestCatalog("onecopy", uri=uri, credential=f"owner:{token}").load_table(name)
table.append(pa.table({"id": pa.array([1, 2], pa.int64()), "email": ["a@example.org", "b@example.org"]}))
iceberg = table.scan().to_arrow().to_pylist()
delta = DeltaTable(table.location().removeprefix("file://")).to_pyarrow_table().to_pylist()
print(json.dumps({"step": "appended", "rows": len(iceberg), "same": iceberg == delta}))
leave()
