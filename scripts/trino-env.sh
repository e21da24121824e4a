#!/usr/bin/env bash
# Makes .cache/trino: the Trino server that test/interop/trino looks for, with the plugins for Iceberg and Delta alone, and
# the Java that it runs on. Nothing else asks for it: it is a download of 800 MB. Does nothing when this version is there.
# Needs Maven, and Java 24 or newer (JAVA_HOME, the path, or the folder where Linux keeps them).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

TRINO=476 # the last one whose server is on Maven Central
MINIMUM_JAVA=24

mkdir -p .cache
exec 9>.cache/trino.lock
flock 9

target=$PWD/.cache/trino
if [[ -f $target/version && "$(cat "$target/version")" == "$TRINO" && -x $target/java/bin/java ]]; then exit 0; fi

# java_version JAVA: its first number; none, when it does not run
java_version() {
  "$1" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = \([0-9]*\).*/\1/p'
}

java_home=
for java in ${JAVA_HOME:+"$JAVA_HOME/bin/java"} "$(command -v java || true)" /usr/lib/jvm/*/bin/java; do
  if [[ -x $java && "$(java_version "$java")" -ge $MINIMUM_JAVA ]]; then
    java_home=$(dirname "$(dirname "$(readlink -f "$java")")")
    break
  fi
done
if [[ -z $java_home ]]; then
  echo "Trino $TRINO needs Java $MINIMUM_JAVA or newer, which is not here: install one (https://adoptium.net) and set JAVA_HOME to it" >&2
  exit 1
fi
command -v mvn >/dev/null || {
  echo "Trino is fetched by Maven, which is not here: install it (Debian: apt-get install maven)" >&2
  exit 1
}

echo "Trino $TRINO: fetching 800 MB (once)" >&2
rm -rf "$target"
mkdir -p "$target/fetched"
mvn -Dstyle.color=never --batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
  -Dartifact="io.trino:trino-server:$TRINO:tar.gz" -DoutputDirectory="$target/fetched"
server=trino-server-$TRINO
# All of it first: files are hard links to other plugins' files.
tar -xzf "$target/fetched/$server.tar.gz" -C "$target"
mv "$target/$server" "$target/server"
find "$target/server/plugin" -mindepth 1 -maxdepth 1 ! -name iceberg ! -name delta-lake -exec rm -r {} +
rm -rf "$target/fetched"
ln -s "$java_home" "$target/java"
echo "$TRINO" >"$target/version"
