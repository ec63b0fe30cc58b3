#!/bin/sh
# Starts Kafka with passwords from files. At the first start it writes the cluster's first metadata, the super user among it.
set -eu
umask 077
kafka=${KAFKA_DIRECTORY:-/opt/kafka}
secrets=${TRUC_SECRETS:-/run/truc}
data=${KAFKA_DATA_DIRECTORY:-/var/lib/kafka/data}
here=${0%/*}
work=${TMPDIR:-/tmp}
properties=$work/server.properties

password=$(cat "$secrets/platform.password")
sed -e "s|@PLATFORM_PASSWORD@|$password|g" \
  -e "s|@CONTROLLER_PASSWORD@|$(cat "$secrets/controller.password")|g" \
  -e "s|@CLIENT_ADDRESS@|$KAFKA_CLIENT_ADDRESS|" \
  -e "s|@HOST_ADDRESS@|$KAFKA_HOST_ADDRESS|" \
  -e "s|@DATA_DIRECTORY@|$data|" \
  "$here/kafka.properties" > "$properties"

# A file and not arguments: every process can read the arguments of another.
cat > "$work/format.arguments" <<ARGUMENTS
format
--ignore-formatted
--cluster-id
$(cat "$secrets/cluster-id")
--config
$properties
--add-scram
SCRAM-SHA-512=[name=platform,password=$password]
ARGUMENTS
"$kafka/bin/kafka-storage.sh" "@$work/format.arguments"
rm "$work/format.arguments"

exec "$kafka/bin/kafka-server-start.sh" "$properties"
