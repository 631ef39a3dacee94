#!/usr/bin/env bash
# Runs every ```sh block of README.md, in order, in one shell, as a reader would type them.
set -u
cd "$(dirname "$0")/.."
script=$(mktemp)
trap 'rm -f "$script"' EXIT
awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on' README.md > "$script"
[ -s "$script" ] || { echo 'README.md has no ```sh block' >&2; exit 1; }
bash -euo pipefail -x "$script"
