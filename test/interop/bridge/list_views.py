"""The views that PyIceberg finds in the namespace segments, as a JSON list: URI TOKEN [WAREHOUSE]."""

import json
import sys

from pyiceberg.catalog.rest import RestCatalog

uri, token, warehouse = (sys.argv[1:] + [None])[:3]
catalog = RestCatalog("onecopy", uri=uri, token=token, **({"warehouse": warehouse} if warehouse else {}))
found = []
if ("segments",) in catalog.list_namespaces():
    found = [name for _, name in catalog.list_views("segments")]
    assert all(catalog.view_exists(("segments", name)) for name in found[:3])
assert not catalog.view_exists(("segments", "broken"))
print(json.dumps(found))
