#!/bin/sh
# Installs the clients as the lock file says and runs the one of MKTOWS_TEST_MODULE, all in the
# working directory. Exit code 77: the packages cannot be had.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

cp "$here/package.json" "$here/package-lock.json" "$here/client.js" .
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || exit 77
exec node --no-deprecation client.js
