#!/bin/sh
# Brings the npm packages and the build up to date, then installs the system packages named as arguments.
# Runs on a bare machine: POSIX sh, Node >= 20 and npm are all it may count on.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "setup: $*" >&2; }

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "installing the npm packages of package-lock.json"
  # Not `npm ci`: it refuses a lock file that lacks optional packages of platforms that this project never runs on.
  npm install --no-save --no-audit --no-fund >&2
fi

if [ "$#" -gt 0 ]; then sh scripts/install-system.sh "$@" >&2; fi

PATH="$PWD/node_modules/.bin:$PATH"
export PATH
if [ ! -e dist/apps/cli/main.js ] || [ -n "$(find apps libs package-lock.json -newer dist/apps/cli/main.js \( -name '*.ts' -o -name package-lock.json \) | head -n 1)" ]; then
  say "building"
  rm -rf dist
  npm run --silent build >&2
  touch dist/apps/cli/main.js
fi
