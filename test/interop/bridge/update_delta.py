"""Changes rows with delta-rs, which writes files of changes where the table's property asks for them: FOLDER."""

import sys

from deltalake import DeltaTable

table = DeltaTable(sys.argv[1])
table.alter.set_table_properties({"delta.enableChangeDataFeed": "true"})
table.update(predicate="id = 2", updates={"note": "'updated'"})
table.delete("id = 3")
