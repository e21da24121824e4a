"""Reads a table with the delta-sharing client into pandas: PROFILE SHARE.SCHEMA.TABLE delta|parquet|auto [VERSION] [LIMIT]."""

import json
import sys

import delta_sharing
from delta_sharing.delta_sharing import _parse_url
from delta_sharing.protocol import DeltaSharingProfile, Table
from delta_sharing.rest_client import DataSharingRestClient

from cells import print_rows

profile, name, form, version, limit = (sys.argv[1:] + [None, None])[:5]
url = f"{profile}#{name}"
path, share, schema, table = _parse_url(url)
client = DataSharingRestClient(DeltaSharingProfile.read_from_file(path), num_retries=0)
metadata = client.query_table_metadata(Table(name=table, share=share, schema=schema)).metadata
kinds = {field["name"]: field["type"] for field in json.loads(metadata.schema_string)["fields"]}

# Without a choice the client takes the format in which the server answers it.
choice = {} if form == "auto" else {"use_delta_format": form == "delta"}
if version:
    choice["version"] = int(version)
if limit:
    choice["limit"] = int(limit)
frame = delta_sharing.load_as_pandas(url, **choice)
unknown = set(frame.columns) - set(kinds)
if unknown:
    raise SystemExit(f"columns that the metadata does not have: {unknown}")
print_rows({name: kinds[name] for name in frame.columns}, frame.to_dict("records"))
