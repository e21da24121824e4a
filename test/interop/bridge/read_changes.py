"""A table's change data feed, by the delta-sharing client: PROFILE SHARE.SCHEMA.TABLE delta|parquet START [END]."""

import sys

import delta_sharing

from cells import print_rows

profile, name, form, start, end = (sys.argv[1:] + [None])[:5]
frame = delta_sharing.load_table_changes_as_pandas(
    f"{profile}#{name}",
    starting_version=int(start),
    ending_version=int(end) if end else None,
    use_delta_format=form == "delta",
)


def second(moment):
    """The parquet format tells milliseconds, the kernel a moment cut to the second."""
    return int(moment.timestamp()) if hasattr(moment, "timestamp") else int(moment) // 1000


frame["second"] = frame.pop("_commit_timestamp").map(second)
kinds = {"id": "long", "note": "string", "_change_type": "string", "_commit_version": "long", "second": "long"}
print_rows({column: kinds[column] for column in frame.columns}, frame.to_dict("records"))
