#!/bin/sh
# Makes the databases of the backbone and their owners, when PostgreSQL starts for the first time (/docker-entrypoint-initdb.d). Nobody but the owner may connect.
set -eu
secrets=${TRUC_SECRETS:-/run/truc}

for file in "$secrets"/*.password; do
  name=${file##*/}
  name=${name%.password}
  [ "$name" = superuser ] && continue
  # From standard input: a password in the arguments could be read by every process.
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<SQL
CREATE ROLE "$name" LOGIN PASSWORD '$(cat "$file")';
CREATE DATABASE "$name" OWNER "$name";
REVOKE ALL ON DATABASE "$name" FROM PUBLIC;
SQL
done
