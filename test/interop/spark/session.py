"""Spark 4.1 with Delta and Iceberg, kept running: one JSON request a line on stdin, one JSON answer a line on stdout.

scripts/spark-env.sh makes what it needs (in .cache/spark and .cache/spark-jars). By hand:
  .cache/spark/venv/bin/python test/interop/spark/session.py SCRATCH      SCRATCH: an empty folder for Spark's own files
and from a test: `const spark = await Spark.open()` of spark.ts, which all test files share (shared-session.ts).

request: {"sql": [statement, …]}                run in order; answers with the rows of the last one
         {"delta": folder, "version": n | null} a Delta table
         {"iceberg": metadata file}             the Iceberg table as that metadata file has it
         the last two may have "where": an SQL condition
         and all have an "id": several are worked on at once
answer:  {"id": …, "columns": [name], "rows": [[text | null]]} | {"id": …, "error": text}

Values are canonical texts (../table/canonical.py). Rows are sorted, those of "sql" are in their own order.

Tables that Spark writes, by statements:
  delta.`/folder`   a Delta table by its folder. CREATE TABLE delta.`/folder` (id BIGINT) USING delta [PARTITIONED BY (…)]
                    [TBLPROPERTIES (…)], then INSERT INTO, UPDATE, DELETE FROM, MERGE INTO, OPTIMIZE, VACUUM … RETAIN 0 HOURS
  ice.ns.t          a table of an Iceberg catalog that ends with the process. CREATE TABLE ice.ns.t (…) USING iceberg
                    [PARTITIONED BY (bucket(4, id))] LOCATION '/folder' [TBLPROPERTIES ('format-version' = '3')]; its metadata
                    files, oldest first: SELECT file FROM ice.ns.t.metadata_log_entries (`spark.icebergMetadata("ns.t")`).
                    CALL ice.system.register_table(table => 'ns.t', metadata_file => '…') names a table that is there."""

import concurrent.futures, datetime, json, os, sys, threading

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "table"))
import canonical

scratch = os.path.abspath(sys.argv[1])
jars = os.path.join(here, "..", "..", "..", ".cache", "spark-jars")
# Not every S3 server takes checksums behind a body.
os.environ["AWS_REQUEST_CHECKSUM_CALCULATION"] = "when_required"
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
os.environ["SPARK_LOCAL_DIRS"] = os.path.join(scratch, "local")
# Small queries on few cores: compile little, collect with one thread.
os.environ["JAVA_TOOL_OPTIONS"] = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
os.chdir(scratch)

# Java inherits the first, and prints on it ("Deleted 0 files"): answers have a stream of their own.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from pyspark.sql import SparkSession, functions as f, types as t

settings = {
    "spark.jars": ",".join(os.path.join(jars, name) for name in sorted(os.listdir(jars)) if name.endswith(".jar")),
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions,io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.catalog.ice": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.ice.catalog-impl": "org.apache.iceberg.jdbc.JdbcCatalog",
    "spark.sql.catalog.ice.uri": f"jdbc:sqlite:{scratch}/ice.db",
    "spark.sql.catalog.ice.warehouse": f"file://{scratch}/ice",
    "spark.sql.catalog.ice.cache-enabled": "false",
    "spark.sql.warehouse.dir": f"file://{scratch}/warehouse",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.default.parallelism": "1",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.session.timeZone": "UTC",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "1",  # VACUUM runs so many tasks, 10,000 by default
    "spark.databricks.delta.retentionDurationCheck.enabled": "false",
}
builder = SparkSession.builder.master("local[2]").appName("onecopy-interop")
for key, value in settings.items():
    builder = builder.config(key, value)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("OFF")


def sent(column, kind):
    """What Spark is asked for, so that no value passes through Python's dates, which know neither year 1 in UTC nor microseconds."""
    if isinstance(kind, (t.TimestampType, t.TimestampNTZType)):
        return f.unix_micros(column.cast("timestamp"))
    if isinstance(kind, t.DateType):
        return f.unix_date(column)
    if isinstance(kind, t.ArrayType):
        return f.transform(column, lambda x: sent(x, kind.elementType))
    if isinstance(kind, t.MapType):
        entry = lambda e: f.struct(sent(e["key"], kind.keyType).alias("k"), sent(e["value"], kind.valueType).alias("v"))
        return f.transform(f.map_entries(column), entry)
    if isinstance(kind, t.StructType):
        fields = [sent(column.getField(x.name), x.dataType).alias(x.name) for x in kind.fields]
        return f.when(column.isNotNull(), f.struct(*fields))
    return column


def text(value, kind):
    if value is None:
        return None
    if isinstance(kind, (t.TimestampType, t.TimestampNTZType)):
        return canonical.timestamp(value, isinstance(kind, t.TimestampType))
    if isinstance(kind, t.DateType):
        return (datetime.date(1970, 1, 1) + datetime.timedelta(days=value)).isoformat()
    if isinstance(kind, t.ArrayType):
        return [text(x, kind.elementType) for x in value]
    if isinstance(kind, t.MapType):
        return canonical.pairs((text(e["k"], kind.keyType), text(e["v"], kind.valueType)) for e in value)
    if isinstance(kind, t.StructType):
        return {x.name: text(value[i], x.dataType) for i, x in enumerate(kind.fields)}
    if isinstance(kind, t.DecimalType):
        return f"{value:.{kind.scale}f}"  # small ones come with more digits than the type has
    return canonical.leaf(value)


def answer(frame):
    fields = frame.schema.fields
    # By position: names may hold dots, or occur twice in a statement's result.
    frame = frame.toDF(*[f"c{i}" for i in range(len(fields))])
    frame = frame.select(*[sent(f.col(f"c{i}"), x.dataType).alias(f"c{i}") for i, x in enumerate(fields)])
    rows = [[canonical.cell(text(row[i], x.dataType)) for i, x in enumerate(fields)] for row in frame.collect()]
    return {"columns": [x.name for x in fields], "rows": rows}


def run(request):
    if "sql" in request:
        for statement in request["sql"]:
            frame = spark.sql(statement)
        return answer(frame) if request["sql"] else {"columns": [], "rows": []}
    if "delta" in request:
        reader = spark.read.format("delta")
        if request.get("version") is not None:
            reader = reader.option("versionAsOf", request["version"])
        frame = reader.load(request["delta"])
    else:
        frame = spark.read.format("iceberg").load(request["iceberg"])
    found = answer(frame.where(request["where"]) if request.get("where") else frame)
    return {**found, "rows": sorted(found["rows"], key=canonical.row_key)}


answering = threading.Lock()


def serve(line):
    request = json.loads(line)
    try:
        found = run(request)
    except Exception as error:
        # The first lines say what is wrong, the rest is the JVM's stack.
        found = {"error": str(error)[:600]}
    with answering:
        print(json.dumps({"id": request["id"], **found}), file=answers, flush=True)


print(json.dumps({"ready": spark.version}), file=answers, flush=True)
with concurrent.futures.ThreadPoolExecutor(2) as workers:
    for line in sys.stdin:
        workers.submit(serve, line)
spark.stop()
