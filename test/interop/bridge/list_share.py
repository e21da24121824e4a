"""What the delta-sharing client lists for a profile: share.schema.table, one a line."""

import sys

import delta_sharing

for table in delta_sharing.SharingClient(sys.argv[1]).list_all_tables():
    print(f"{table.share}.{table.schema}.{table.name}")
