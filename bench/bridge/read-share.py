"""One client's reads of a table, directly and through a share, in turns; see read-share.ts. Reads its task as JSON on stdin:
{client, rounds, rows, s3: {address, keys, urls}, profile, shares: {way: share.schema.table}}; prints the seconds of each as JSON."""

import concurrent.futures
import io
import json
import sys
import time

import delta_sharing
import polars
import requests
from deltalake import DeltaTable

task = json.load(sys.stdin)
keys = task["s3"]["keys"]


def shared_urls(name):
    """The signed addresses of a shared table's files, as a client of the protocol gets them."""

    with open(task["profile"]) as file:
        opened = json.load(file)
    share, schema, table = name.split(".")
    address = f"{opened['endpoint'].rstrip('/')}/shares/{share}/schemas/{schema}/tables/{table}/query"
    answer = requests.post(address, json={}, headers={"authorization": f"Bearer {opened['bearerToken']}"})
    answer.raise_for_status()
    lines = [json.loads(line) for line in answer.text.splitlines()]
    return [line["file"]["url"] for line in lines if "file" in line]


def fetched(urls):
    """Whole files, four at a time, by the client library of HTTP that Python programs have."""

    session = requests.Session()

    def one(url):
        answer = session.get(url)
        answer.raise_for_status()
        return polars.read_parquet(io.BytesIO(answer.content))

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return polars.concat(pool.map(one, urls))


def by_polars():
    """Polars' own reader of object stores."""

    uris = DeltaTable(task["s3"]["address"], storage_options=delta_rs_options()).file_uris()
    options = {name.lower(): value for name, value in delta_rs_options().items() if not name.endswith("_S3")}
    return polars.scan_parquet(uris, storage_options=options).collect()


def delta_rs_options():
    return {**keys, "AWS_ENDPOINT_URL": keys["AWS_ENDPOINT_URL_S3"], "AWS_ALLOW_HTTP": "true"}


def pandas_direct():
    return DeltaTable(task["s3"]["address"], storage_options=delta_rs_options()).to_pandas()


def pandas_shared(name):
    return delta_sharing.load_as_pandas(f"{task['profile']}#{name}", use_delta_format=True)


ways = {
    "polars": {
        "direct": lambda: fetched(task["s3"]["urls"]),
        "direct, by Polars itself": by_polars,
        **{way: (lambda name=name: fetched(shared_urls(name))) for way, name in task["shares"].items()},
    },
    "pandas": {
        "direct": pandas_direct,
        **{way: (lambda name=name: pandas_shared(name)) for way, name in task["shares"].items()},
    },
}[task["client"]]
seconds = {way: [] for way in ways}
for _ in range(task["rounds"]):
    for way, read in ways.items():
        started = time.perf_counter()
        frame = read()
        seconds[way].append(time.perf_counter() - started)
        if len(frame) != task["rows"]:
            raise SystemExit(f"{way}: {len(frame)} rows, expected {task['rows']}")
        del frame
print(json.dumps(seconds))
