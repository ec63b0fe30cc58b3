#!/bin/sh
# Makes the example agency and the credentials of its agent. What is there stays.
# usage: agency.sh DIRECTORY DOCUMENTS
set -eu
root=$1
export TRUC_CONTEXT="$root/administrator/context.json"

truc apply -f "$2"
truc principal ensure agent.g01 --role agent --agency G01 --directory "$root/agent"
