"""What schemathesis is told of OneCopy beside the OpenAPI document: lines of JSON, table shapes, and what may not be answered.

FUZZ_PLANTED: a JSON list of values that no error may hold. FUZZ_REPORT: a file for which operations were answered well.
FUZZ_NOBODY: set when the requests bring no token.
"""

import json
import os

import schemathesis

PLANTED = json.loads(os.environ["FUZZ_PLANTED"])
NOBODY = bool(os.environ.get("FUZZ_NOBODY"))
TYPES = ["long", "string", "timestamptz", "decimal(9,2)", "boolean", "date", "double"]


@schemathesis.deserializer("application/x-ndjson")
def lines(ctx, response):
    return [json.loads(line) for line in response.content.decode().splitlines()]


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Texts longer than their bound have a test of their own; making them here takes most of the time."""
    raw_schema["components"] = without_long_bounds(raw_schema["components"])


def without_long_bounds(value):
    if isinstance(value, list):
        return [without_long_bounds(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: without_long_bounds(one) for key, one in value.items() if not (key in ("maxLength", "maxItems") and one > 500)}


@schemathesis.hook
def map_headers(context, headers):
    """What the client or Node's parser would not let through is left out."""
    return {name: "".join(c for c in str(value) if " " <= c <= "~").strip() for name, value in (headers or {}).items()}


@schemathesis.hook
def map_body(context, body):
    """What can be done: the document leaves types of columns, and what a requirement has to say, to Iceberg's specification."""
    if not isinstance(body, dict) or len(json.dumps(body)) % 4 == 0:
        return body
    body = {key: value for key, value in body.items() if key not in ("partition-spec", "write-order", "refreshToken")}
    schema = body.get("schema")
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if isinstance(fields, list) and len(fields) > 0:
        named = [
            {"id": i + 1, "name": f"c{i}", "required": False, "type": TYPES[i % len(TYPES)]} for i in range(len(fields))
        ]
        body["schema"] = {**schema, "type": "struct", "fields": named}
    for change in [body, *[one for one in body.get("table-changes") or [] if isinstance(one, dict)]]:
        if isinstance(change.get("updates"), list):
            change["requirements"] = []
    return body


@schemathesis.hook
def filter_case(context, case):
    """What the later requests are about stays."""
    return not (case.method == "DELETE" and (case.path_parameters or {}).get("namespace") == "unified")


@schemathesis.check
def no_planted_value_in_an_error(ctx, response, case):
    if response.status_code < 400:
        return
    told = response.content.decode("utf-8", "replace") + json.dumps(dict(response.headers))
    for value in PLANTED:
        assert value not in told, f"an error tells {value}"


@schemathesis.check
def nothing_without_a_token(ctx, response, case):
    if NOBODY and case.operation.definition.raw.get("security") != []:
        assert response.status_code in (401, 413), f"answered without a token: {response.status_code}"


@schemathesis.check
class WhatWasAnswered:
    def __init__(self):
        self.statuses = {}

    def after_response(self, ctx, response, case):
        self.statuses.setdefault(case.operation.label, set()).add(response.status_code)

    def after_run(self, ctx):
        with open(os.environ["FUZZ_REPORT"], "w", encoding="utf-8") as file:
            json.dump({label: sorted(statuses) for label, statuses in self.statuses.items()}, file)
