#!/bin/sh
# `npm run bench`: every figure of docs/benchmarks.md, in one run.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh redis-server openssh-server openssh-client mmdebstrap ansible-core
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
exec node --conditions=source --disable-warning=ExperimentalWarning test/bench/main.ts "$@"
