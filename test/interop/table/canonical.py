"""Values as canonical texts, so that the clients' own types do not matter.

A list is JSON text of its values' texts, `["1",null]`; a struct is `{"a":"1"}` with its fields in order; a map is the list of
its `[key,value]` pairs, sorted. Timestamps are in UTC to the microsecond; those without a zone say so."""

import datetime, decimal, json, math

EPOCH = datetime.datetime(1970, 1, 1)


def timestamp(micros, zoned):
    moment = EPOCH + datetime.timedelta(microseconds=micros)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0") + ("" if zoned else " (no zone)")


def leaf(value):
    """A value that is neither nested nor a timestamp."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return "nan" if math.isnan(value) else repr(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        raise ValueError("a timestamp came as a Python value, which would go through the machine's zone rules")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    return str(value)


def pairs(entries):
    return sorted(([k, v] for k, v in entries), key=json.dumps)


def cell(value):
    """What a row holds: a text or null. Nested values are JSON texts."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def from_arrow(scalar):
    """A pyarrow scalar, nested ones as lists and dicts of texts."""
    import pyarrow as pa

    kind = scalar.type
    if not scalar.is_valid:
        return None
    if isinstance(scalar, pa.ExtensionScalar):
        return from_arrow(scalar.value)
    if pa.types.is_map(kind):
        return pairs((from_arrow(entry["key"]), from_arrow(entry["value"])) for entry in scalar.values)
    if pa.types.is_struct(kind):
        return {field.name: from_arrow(scalar[i]) for i, field in enumerate(kind)}
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_list_view(kind) or pa.types.is_fixed_size_list(kind):
        return [from_arrow(value) for value in scalar.values]
    if pa.types.is_timestamp(kind):
        per_second = {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}[kind.unit]
        micros, rest = divmod(scalar.value * 1_000_000, per_second)
        if rest != 0:
            raise ValueError("a timestamp finer than microseconds")
        return timestamp(micros, kind.tz is not None)
    if pa.types.is_dictionary(kind):
        return leaf(scalar.as_py())
    if pa.types.is_float32(kind):
        return leaf(float(scalar.as_py()))
    return leaf(scalar.as_py())


def row_key(row):
    return [(v is None, v or "") for v in row]
