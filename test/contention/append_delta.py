"""Appends to a Delta table with delta-rs, one row a commit. Usage: append_delta.py TABLE FIRST-ID COUNT; COUNT 0: without
pause until stdin ends. Prints {"id", "ms", "lost"} for each row that was acknowledged: its time, and how often it was begun again,
since delta-rs takes an append for a reader of what a merge removed meanwhile. Keys of a store are in the usual variables."""

import json, os, select, sys, time
import pyarrow as pa
from deltalake import CommitProperties, write_deltalake
from deltalake.exceptions import CommitFailedError

address, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
options = {}
if address.startswith("s3:"):
    options = {"aws_conditional_put": "etag", "aws_allow_http": "true", "aws_endpoint": os.environ["AWS_ENDPOINT_URL_S3"]}
properties = CommitProperties(max_commit_retries=1000)


def ended():
    return count == 0 and bool(select.select([sys.stdin], [], [], 0)[0])


i = first
while (count == 0 or i < first + count) and not ended():
    started = time.monotonic()
    row = {"id": pa.array([i], pa.int64()), "writer": pa.array(["delta-rs"]), "touched": pa.array([0], pa.int64())}
    lost = 0
    while True:
        try:
            write_deltalake(address, pa.table(row), mode="append", storage_options=options, commit_properties=properties)
            break
        except CommitFailedError as error:
            lost += 1
            if "deleted data this operation read" not in str(error) or lost > 100:
                raise
    print(json.dumps({"id": i, "ms": round((time.monotonic() - started) * 1000), "lost": lost}), flush=True)
    i += 1
