#!/bin/sh
# Makes every secret that servers and services begin with and that is not there yet; one folder for each service, which sees no other. What is there stays.
# usage: secrets.sh DIRECTORY
set -eu
root=$1
umask 022

random() {
  head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'
}

# Complete or not at all: a file of an attempt that was cut short would be taken for the secret.
put() {
  cat > "$root/$1.draft"
  mv "$root/$1.draft" "$root/$1"
}

keep() {
  [ -s "$root/$1" ] || random | put "$1"
}

for service in postgres kafka platform broker-access schema-registry distributor general-database agent administrator; do
  mkdir -p "$root/$service"
done

keep postgres/superuser.password
keep kafka/platform.password
keep kafka/controller.password
# Kafka takes no id that begins with a dash.
[ -s "$root/kafka/cluster-id" ] || head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n' | sed 's/^-/A/' | put kafka/cluster-id
cat "$root/kafka/platform.password" | put platform/kafka.password
keep distributor/view-secret

# SERVICE and its database; the owner has the database's name.
database() {
  keep "postgres/$2.password"
  printf 'postgresql://%s:%s@%s/%s?sslmode=disable&onOneMachine=true\n' "$2" "$(cat "$root/postgres/$2.password")" "${POSTGRES_ADDRESS:-postgres:5432}" "$2" | put "$1/database.url"
}
database platform truc_platform
database schema-registry truc_registry
database general-database national_general_database
database agent agency_g01

# A folder that only one container mounts: there its user reads it. Services of ours are 10001.
if [ "$(id -u)" = 0 ] && [ -z "${KEEP_OWNER:-}" ]; then
  for service in platform broker-access schema-registry distributor general-database agent administrator; do
    chown -R 10001:10001 "$root/$service"
    chmod -R go= "$root/$service"
  done
fi
