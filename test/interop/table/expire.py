"""Expires all snapshots but the current one with PyIceberg, in a catalog of its own. Usage: expire.py METADATA"""

import datetime, sys
from pyiceberg.catalog.sql import SqlCatalog

catalog = SqlCatalog("own", uri="sqlite:///:memory:", warehouse="file:///tmp")
catalog.create_namespace("ns")
table = catalog.register_table("ns.t", sys.argv[1])
table.maintenance.expire_snapshots().older_than(datetime.datetime(2100, 1, 1)).commit()
print(len(catalog.load_table("ns.t").metadata.snapshots))
