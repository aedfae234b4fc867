#!/bin/sh
# Installs Prism as the lock file says, in the working directory, and has it judge requests by the
# document given. Exit code 77: the packages cannot be had.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

cp "$here/package.json" "$here/package-lock.json" .
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || exit 77
exec node node_modules/@stoplight/prism-cli/dist/index.js mock --host 127.0.0.1 --port 0 --errors "$1"
