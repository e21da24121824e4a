"""Reads tables with Polars by a share and by the catalog, and with Daft by the catalog (it takes the ? of a signed address for a pattern),
and writes what they saw as Parquet:
PROFILE CATALOG-URI SHARE FOLDER NAMESPACE.TABLE…; each becomes FOLDER/<reader>-<way>-<namespace>.<table>.parquet."""

import json
import sys

import daft
import polars
import pyarrow.parquet
import requests
from pyiceberg.catalog.rest import RestCatalog

from leave import leave

profile, uri, share, folder, *names = sys.argv[1:]
with open(profile) as file:
    opened = json.load(file)
token = opened["bearerToken"]
catalog = RestCatalog("onecopy", uri=uri, token=token, warehouse=share)


def shared_files(name):
    """The files' signed addresses, as the protocol gives them: Polars does not speak it itself."""
    namespace, table = name.split(".")
    address = f"{opened['endpoint'].rstrip('/')}/shares/{share}/schemas/{namespace}/tables/{table}/query"
    answer = requests.post(address, json={}, headers={"authorization": f"Bearer {token}"})
    answer.raise_for_status()
    lines = [json.loads(line) for line in answer.text.splitlines()]
    return [line["file"]["url"] for line in lines if "file" in line]


readers = {
    "polars-share": lambda name: polars.concat([polars.read_parquet(url) for url in shared_files(name)]).to_arrow(),
    "polars-catalog": lambda name: polars.scan_iceberg(catalog.load_table(name)).collect().to_arrow(),
    "daft-catalog": lambda name: daft.read_iceberg(catalog.load_table(name)).to_arrow(),
}
for name in names:
    for reader, read in readers.items():
        pyarrow.parquet.write_table(read(name), f"{folder}/{reader}-{name}.parquet")
print(json.dumps({"read": len(names) * len(readers)}))
leave()
