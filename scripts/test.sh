#!/bin/sh
# `npm test`: installs what is missing, runs every test, and closes with the real counts.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh redis-server openssh-server openssh-client mmdebstrap ansible-core
# Go is not in PATH of every non-interactive shell where its own archive was unpacked, and a system may have an older one.
PATH="$PWD/node_modules/.bin:/usr/local/go/bin:$PATH"
export PATH
results=$(mktemp)
trap 'rm -f "$results"' EXIT
code=0
vitest run --reporter=default --reporter=json --outputFile.json="$results" "$@" || code=$?
node scripts/count-tests.ts "$results" || code=1
exit "$code"
