"""Reads a table's folder with delta-rs by keys of an answer, and nothing else: CREDENTIALS (JSON) ENDPOINT. Prints its ids."""

import json
import sys

from deltalake import DeltaTable
from leave import leave

credentials, endpoint = json.loads(sys.argv[1])["credentials"], sys.argv[2]
keys = credentials["awsTempCredentials"]
options = {
    "AWS_ACCESS_KEY_ID": keys["accessKeyId"],
    "AWS_SECRET_ACCESS_KEY": keys["secretAccessKey"],
    "AWS_SESSION_TOKEN": keys["sessionToken"],
    "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": endpoint,
    "AWS_ALLOW_HTTP": "true",
}
table = DeltaTable(credentials["location"], storage_options=options)
print(json.dumps({"version": table.version(), "ids": sorted(table.to_pyarrow_table()["id"].to_pylist())}))
leave()
