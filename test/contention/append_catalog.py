"""Appends to a table with PyIceberg through the REST catalog, one row a commit. Usage: append_catalog.py URI TOKEN NAME FIRST-ID COUNT.
Prints {"id", "ms", "lost"} for each row that was acknowledged: its time, and how often it was begun again after PyIceberg had given
up, which tries five times. Keys of a store are in the usual variables."""

import json, os, sys, time
import pyarrow as pa
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.exceptions import CommitFailedException, ValidationException

uri, token, name = sys.argv[1:4]
first, count = int(sys.argv[4]), int(sys.argv[5])
store = {}
if "AWS_ENDPOINT_URL_S3" in os.environ:
    store = {
        "s3.endpoint": os.environ["AWS_ENDPOINT_URL_S3"],
        "s3.access-key-id": os.environ["AWS_ACCESS_KEY_ID"],
        "s3.secret-access-key": os.environ["AWS_SECRET_ACCESS_KEY"],
        "s3.region": os.environ["AWS_REGION"],
    }
catalog = RestCatalog("onecopy", uri=uri, token=token, **store)

for i in range(first, first + count):
    started = time.monotonic()
    row = pa.table({"id": pa.array([i], pa.int64()), "writer": pa.array(["pyiceberg"]), "touched": pa.array([0], pa.int64())})
    lost = 0
    while True:
        try:
            catalog.load_table(name).append(row)
            break
        except CommitFailedException:
            lost += 1
        except ValidationException as error:  # the snapshot that it began with was of a version that is in a later one's now
            lost += 1
            if "Cannot find starting snapshot" not in str(error):
                raise
        if lost > 1000:
            raise RuntimeError("a thousand conflicts")
    print(json.dumps({"id": i, "ms": round((time.monotonic() - started) * 1000), "lost": lost}), flush=True)
