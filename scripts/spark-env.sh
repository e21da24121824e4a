#!/usr/bin/env bash
# Makes .cache/spark/venv (PySpark, an environment of its own: it needs nothing of .venv) and .cache/spark-jars (the
# Iceberg and Delta runtimes), with which test/interop/spark/session.py runs. Does nothing when both are already there in
# exactly these versions. Several calls at once wait for each other. Needs Java 17 or 21 and, for the jars, Maven.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Newer PySpark fails on every statement with this Iceberg runtime, so the three go together.
PYSPARK="pyspark==4.1.*"
JARS=(
  "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0"
  "org.apache.iceberg:iceberg-aws-bundle:1.11.0" # reads and writes S3 by the keys that the catalog vends
  "io.delta:delta-spark_4.1_2.13:4.4.0"
  "io.delta:delta-storage:4.4.0"
  "io.delta:delta-kernel-api:4.4.0"
  "io.delta:delta-kernel-defaults:4.4.0"
  "io.delta:delta-kernel-unitycatalog:4.4.0"
  "io.unitycatalog:unitycatalog-client:0.6.0"
  "org.antlr:antlr4-runtime:4.13.1"
  "org.xerial:sqlite-jdbc:3.47.1.0" # keeps the names of the Iceberg catalog in which tests make foreign tables
)

mkdir -p .cache/spark
exec 9>.cache/spark/lock
flock 9

stamp="$(sha256sum scripts/spark-env.sh | cut -d' ' -f1) $(python3 --version) $PWD"
if [[ -f .cache/spark/stamp && "$(cat .cache/spark/stamp)" == "$stamp" ]]; then exit 0; fi

# Tools that are missing come from Debian where that is possible without asking anybody.
missing=()
command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
command -v mvn >/dev/null || missing+=(maven)
if [[ ${#missing[@]} -gt 0 ]]; then bash scripts/apt-install.sh "Spark" "${missing[@]}"; fi

echo "Spark: installing into .cache/spark (about two minutes, once)" >&2
rm -rf .cache/spark/venv .cache/spark-jars .cache/spark/pom
mkdir -p .cache/spark/pom
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>onecopy</groupId><artifactId>spark-jars</artifactId>'
  echo '<version>1</version><packaging>pom</packaging><dependencies>'
  for jar in "${JARS[@]}"; do
    IFS=: read -r group artifact version <<<"$jar"
    echo "<dependency><groupId>$group</groupId><artifactId>$artifact</artifactId><version>$version</version>"
    # Only the jar itself: what it depends on is in this list, or comes with Spark.
    echo "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>"
  done
  echo '</dependencies></project>'
} >.cache/spark/pom/pom.xml
mvn -Dstyle.color=never --batch-mode --quiet --file .cache/spark/pom/pom.xml \
  org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$PWD/.cache/spark-jars" &
jars=$!
python3 -m venv .cache/spark/venv || {
  echo "python3 -m venv failed: install Python 3.10 or newer with its venv module (Debian: apt-get install python3-venv)" >&2
  exit 1
}
.cache/spark/venv/bin/pip install --quiet --no-input --disable-pip-version-check "$PYSPARK"
wait "$jars"
found=$(find .cache/spark-jars -name '*.jar' | wc -l)
if [[ $found -ne ${#JARS[@]} ]]; then
  echo "Spark: expected ${#JARS[@]} jars in .cache/spark-jars, found $found" >&2
  exit 1
fi
echo "$stamp" >.cache/spark/stamp
