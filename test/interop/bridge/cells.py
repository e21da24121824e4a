"""Values as JSON that the test compares: numbers of 64 bits and decimals as text, moments in UTC to the microsecond."""

import datetime
import decimal
import json
import math
import sys


def cell(kind, value):
    """One value as JSON. `kind` is the Delta type of its column; pandas has turned some types into others."""
    if value is None or value != value and kind != "double":
        return None
    if type(value).__name__ in ("NaTType", "NAType"):
        return None
    if kind in ("long", "integer"):
        if isinstance(value, float) and not value.is_integer():
            raise ValueError(f"{value!r} in a column of {kind}")
        return str(int(value))
    if kind == "double":
        if math.isnan(value):
            return "NaN"
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, float(value))
    if kind.startswith("decimal"):
        if not isinstance(value, decimal.Decimal):
            raise ValueError(f"{value!r} in a column of {kind}")
        return str(value)
    if kind == "boolean":
        return bool(value)
    if kind == "date":
        return (value.date() if isinstance(value, datetime.datetime) else value).isoformat()
    if kind == "timestamp":
        moment = value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
        if moment.tzinfo is not None:
            moment = moment.astimezone(datetime.timezone.utc)
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    return str(value)


def print_rows(kinds, rows):
    """`kinds`: column → Delta type. `rows`: an iterable of dicts. One JSON object a line."""
    for row in rows:
        json.dump({name: cell(kind, row[name]) for name, kind in kinds.items()}, sys.stdout)
        sys.stdout.write("\n")
