#!/usr/bin/env bash
# Makes .cache/rck: Iceberg's own compatibility kit for REST catalogs (apache/iceberg, open-api), with what it runs on. Does
# nothing when it is there in exactly this version. Several calls at once wait for each other. Needs Java 17 or newer and
# Maven.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ICEBERG=1.11.0 # the last one whose kit is published

# group:artifact:version[:classifier]; what they depend on comes with them
JARS=(
  "org.apache.iceberg:iceberg-open-api:$ICEBERG:tests"
  "org.apache.iceberg:iceberg-open-api:$ICEBERG:test-fixtures"
  "org.apache.iceberg:iceberg-core:$ICEBERG"
  "org.apache.iceberg:iceberg-core:$ICEBERG:tests"
  "org.apache.iceberg:iceberg-api:$ICEBERG:tests"
  "org.apache.iceberg:iceberg-parquet:$ICEBERG"
  "org.apache.iceberg:iceberg-aws:$ICEBERG"
  "org.apache.hadoop:hadoop-common:3.4.3"
  "org.junit.platform:junit-platform-console-standalone:1.14.4"
  "org.assertj:assertj-core:3.27.7"
  "org.awaitility:awaitility:4.3.0"
  "org.mockito:mockito-core:4.11.0"
  "org.slf4j:slf4j-simple:2.0.17"
  # The kit's own server, which it loads and does not start.
  "org.eclipse.jetty.ee10:jetty-ee10-servlet:12.1.8"
  "org.eclipse.jetty.compression:jetty-compression-server:12.1.8"
  "org.eclipse.jetty.compression:jetty-compression-gzip:12.1.8"
  "org.xerial:sqlite-jdbc:3.53.0.0"
)
# Of Hadoop only its configuration and its local file system are used.
NOT_OF_HADOOP=(org.slf4j ch.qos.reload4j org.apache.curator org.apache.zookeeper org.apache.kerby org.eclipse.jetty
  com.google.re2j com.google.code.gson com.jcraft com.google.code.findbugs dnsjava com.github.pjfanning com.sun.jersey
  io.netty org.apache.avro com.google.guava)

mkdir -p .cache/rck
exec 9>.cache/rck/lock
flock 9

stamp="$(sha256sum scripts/rck-env.sh | cut -d' ' -f1)"
if [[ -f .cache/rck/stamp && "$(cat .cache/rck/stamp)" == "$stamp" ]]; then exit 0; fi

missing=()
command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
command -v mvn >/dev/null || missing+=(maven)
if [[ ${#missing[@]} -gt 0 ]]; then bash scripts/apt-install.sh "Iceberg's compatibility kit" "${missing[@]}"; fi

echo "Iceberg's compatibility kit: installing into .cache/rck (about half a minute, once)" >&2
rm -rf .cache/rck/pom .cache/rck/jars
mkdir -p .cache/rck/pom
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>onecopy</groupId><artifactId>rck</artifactId>'
  echo '<version>1</version><packaging>pom</packaging><dependencies>'
  for jar in "${JARS[@]}"; do
    IFS=: read -r group artifact version classifier <<<"$jar"
    echo "<dependency><groupId>$group</groupId><artifactId>$artifact</artifactId><version>$version</version>"
    [[ -z $classifier ]] || echo "<classifier>$classifier</classifier>"
    if [[ $artifact == hadoop-common ]]; then
      echo '<exclusions>'
      for other in "${NOT_OF_HADOOP[@]}"; do
        echo "<exclusion><groupId>$other</groupId><artifactId>*</artifactId></exclusion>"
      done
      echo '</exclusions>'
    fi
    echo '</dependency>'
  done
  echo '</dependencies></project>'
} >.cache/rck/pom/pom.xml
mvn -Dstyle.color=never --batch-mode --quiet --file .cache/rck/pom/pom.xml \
  org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies -DoutputDirectory="$PWD/.cache/rck/jars"
echo "$stamp" >.cache/rck/stamp
