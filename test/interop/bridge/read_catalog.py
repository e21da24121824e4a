"""Reads a table with PyIceberg through the REST catalog: URI TOKEN NAMESPACE.TABLE [WAREHOUSE]."""

import sys

from pyiceberg.catalog.rest import RestCatalog

from cells import print_rows

uri, token, name, warehouse = (sys.argv[1:] + [None])[:4]
catalog = RestCatalog("onecopy", uri=uri, token=token, **({"warehouse": warehouse} if warehouse else {}))
namespace, _, table_name = name.partition(".")
if (namespace,) not in catalog.list_namespaces() or (namespace, table_name) not in catalog.list_tables(namespace):
    raise SystemExit(f"{name} is not listed")
if not catalog.table_exists(name):
    raise SystemExit(f"{name} does not exist")

ICEBERG_TO_DELTA = {"int": "integer", "timestamptz": "timestamp"}
table = catalog.load_table(name)
kinds = {field.name: ICEBERG_TO_DELTA.get(str(field.field_type), str(field.field_type)) for field in table.schema().fields}
print_rows(kinds, table.scan().to_arrow().to_pylist())
