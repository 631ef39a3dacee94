#!/bin/sh
# `npm run demo`: from a bare machine to a rollout on real SSH hosts.
set -eu
cd "$(dirname "$0")/.."
needed="redis-server openssh-server openssh-client"
if [ "$(id -u)" -eq 0 ]; then needed="$needed mmdebstrap"; fi
if ! command -v go >/dev/null 2>&1; then needed="$needed golang-go"; fi
# shellcheck disable=SC2086
sh scripts/setup.sh $needed
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
exec node --conditions=source --disable-warning=ExperimentalWarning scripts/demo.ts "$@"
