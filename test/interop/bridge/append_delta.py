"""Appends a row with delta-rs, as a foreign writer: FOLDER NOTE."""

import sys

import pyarrow
from deltalake import write_deltalake

folder, note = sys.argv[1:]
columns = {"order_id": pyarrow.array([77], pyarrow.int64()), "note": pyarrow.array([note])}
write_deltalake(folder, pyarrow.table(columns), mode="append")
