#!/bin/sh
# Makes the platform's services and the administrator's context, each with its credentials in its own folder. What is there stays. Runs when the platform answers.
# usage: principals.sh DIRECTORY
set -eu
root=$1
export TRUC_CONTEXT="$root/administrator/context.json"

truc context add backbone --platform-url "$PLATFORM_URL" --registry-url "$REGISTRY_URL" --token-key "$root/platform/token-key.json" --on-one-machine
truc principal ensure broker-access --directory "$root/broker-access"
truc principal ensure registry --directory "$root/schema-registry"
truc principal ensure distributor --directory "$root/distributor"
truc principal ensure general-database --directory "$root/general-database"
