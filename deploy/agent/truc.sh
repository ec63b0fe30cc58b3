#!/bin/sh
# The command line, under the Node that came with it where one did.
self=$0
[ -L "$self" ] && self=$(readlink -f "$self")
here=${self%/*}
if [ -x "$here/node" ]; then
  exec "$here/node" "$here/../app/apps/truc/dist/main.js" "$@"
fi
exec node "$here/../apps/truc/dist/main.js" "$@"
