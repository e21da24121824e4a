"""The ids of a table, by the delta-sharing client in the format that it settles on with the server: PROFILE SHARE.SCHEMA.TABLE."""

import json
import sys

import delta_sharing

frame = delta_sharing.load_as_pandas(f"{sys.argv[1]}#{sys.argv[2]}")
print(json.dumps({"ids": sorted(int(value) for value in frame["id"])}))
