"""What schemathesis is told of OneCopy beside the OpenAPI document: good requests, who asks, and what may not be answered.

FUZZ_PLAN: a JSON file of fuzz.test.ts:
    planted   values that no error may hold
    tokens    by principal; `nobody` has none
    requests  one good request of each principal for each operation, asked before anything that is made up
FUZZ_REPORT: a file for the statuses that each operation gave each principal.
"""

import json
import os
import zlib
from urllib.parse import unquote

import schemathesis

with open(os.environ["FUZZ_PLAN"], encoding="utf-8") as file:
    PLAN = json.load(file)
PRINCIPALS = ["nobody", *PLAN["tokens"]]
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
def before_add_examples(context, examples):
    for request in PLAN["requests"].get(context.operation.label, []):
        parts = {name: request[name] for name in ("body", "media_type") if name in request}
        case = context.operation.Case(
            path_parameters=request["path"],
            query=request["query"],
            headers={"x-asked-by": request["who"], **request["headers"]},
            **parts,
        )
        examples.append(case)


@schemathesis.hook
def before_call(context, case, kwargs):
    """The same request is always asked by the same principal, so that it fails again where it failed."""
    if case.meta is not None and case.meta.generation.mode.is_positive and isinstance(case.body, dict):
        case.body = done_rather_than_refused(case.body)
    headers = case.headers
    who = headers.get("x-asked-by")
    if who is None:
        asked = json.dumps([case.path_parameters, case.query, repr(case.body)], sort_keys=True, default=repr)
        who = headers["x-asked-by"] = PRINCIPALS[zlib.crc32(asked.encode("utf-8", "replace")) % len(PRINCIPALS)]
    if who == "nobody":
        headers.pop("Authorization", None)
    elif "Authorization" not in headers:
        headers["Authorization"] = f"Bearer {PLAN['tokens'][who]}"


def done_rather_than_refused(body):
    """The document leaves types of columns, and what a requirement has to say, to Iceberg's specification."""
    if len(json.dumps(body)) % 4 == 0:
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
def map_headers(context, headers):
    """What the client or Node's parser would not let through is left out."""
    return {name: "".join(c for c in str(value) if " " <= c <= "~").strip() for name, value in (headers or {}).items()}


@schemathesis.hook
def filter_case(context, case):
    """What the later requests are about stays."""
    return not (case.method == "DELETE" and (case.path_parameters or {}).get("namespace") == "unified")


@schemathesis.check
def no_planted_value_in_an_error(ctx, response, case):
    if response.status_code < 400:
        return
    told = response.content.decode("utf-8", "replace") + json.dumps(dict(response.headers))
    said = unquote(response.request.url) + repr(case.body)
    for value in PLAN["planted"]:
        assert value not in told or value in said, f"an error tells {value}"


@schemathesis.check
def nothing_without_a_token(ctx, response, case):
    if case.headers["x-asked-by"] == "nobody" and case.operation.definition.raw.get("security") != []:
        assert response.status_code in (401, 413), f"answered without a token: {response.status_code}"


@schemathesis.check
class WhatWasAnswered:
    def __init__(self):
        self.statuses = {}

    def after_response(self, ctx, response, case):
        of_operation = self.statuses.setdefault(case.operation.label, {})
        of_operation.setdefault(case.headers["x-asked-by"], set()).add(response.status_code)

    def after_run(self, ctx):
        told = {label: {who: sorted(all) for who, all in asked.items()} for label, asked in self.statuses.items()}
        with open(os.environ["FUZZ_REPORT"], "w", encoding="utf-8") as file:
            json.dump(told, file)
