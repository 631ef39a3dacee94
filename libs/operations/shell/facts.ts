import { text } from './text.ts';

/** All that is asked of a host, with as few processes as it takes. */
export const FACTS = text`
say_platform() {
  say user "$LOGIN"
  say home "$HOME"
  say mode "$MODE"
  say root "$ROOT"
  say platform "$(uname -sm) $(getconf LONG_BIT 2>/dev/null)"
  say kernel "$(uname -r)"
  [ ! -r /etc/os-release ] || while IFS== read -r key value; do
    case $key in ID | VERSION_ID) say system "$key" "$value" ;; esac
  done </etc/os-release
  for tool in tar gzip sha256sum head stat mv cp ln rm mkdir find readlink env cat sed sync; do
    command -v "$tool" >/dev/null 2>&1 || say lacks "$tool"
  done
}

# say_fault_of_root: every folder above the root, as it is written and as it really lies, belongs to root and
# nobody else writes to it. Answers 1 where that is not so.
say_fault_of_root() {
  [ $MODE = root ] || return 0
  below=$ROOT
  while [ ! -d "$below" ]; do below=\${below%/*} below=\${below:-/}; done
  set --
  for below in "$ROOT" "$(cd -P "$below" && pwd -P)"; do
    while :; do
      [ ! -e "$below" ] || set -- "$@" "$below"
      [ "$below" != / ] || break
      below=\${below%/*} below=\${below:-/}
    done
  done
  safe=0
  while read -r owner mode folder; do
    case $mode in
      *[2367] | *[2367]?) ;;
      *) [ "$owner" != 0 ] || continue ;;
    esac
    say "unsafe	$folder	$owner	$mode"
    safe=1
  done <<END
$(stat -L -c '%u %a %n' -- "$@")
END
  return $safe
}

# say_space: of the file system of the root, or of the nearest folder above it that is there.
say_space() {
  at=$ROOT
  while [ ! -d "$at" ]; do at=\${at%/*} at=\${at:-/}; done
  space=$(stat -f -c '%a %S %c %d' -- "$at" 2>/dev/null)
  [ -n "$space" ] && say space "$space" && return
  set -- $(df -Pk "$at" | tail -n 1)
  say space "$4 1024 0 0"
}

# say_executable: whether programs run there. Where a generation is active that is known.
say_executable() {
  [ ! -L "$ROOT/current" ] || return 0
  trial=$ROOT/staging/trial
  printf '#!/bin/sh\nexit 0\n' >"$trial" && chmod 755 "$trial" || return 0
  "$trial" 2>/dev/null || say noexec "$ROOT"
  rm -f "$trial"
}

say_trees() {
  for tree in "$ROOT"/go/*; do
    [ ! -x "$tree/bin/go" ] || say tree go "\${tree##*/}"
  done
  for tree in "$ROOT"/modules/*; do
    [ ! -d "$tree" ] || say tree modules "\${tree##*/}"
  done
  for part in "$ROOT"/staging/*.part; do
    [ ! -f "$part" ] || say "part	\${part##*/}	$(stat -c %s -- "$part")"
  done
  [ ! -f "$ROOT/current/go/go.env" ] || say_text goenv "$ROOT/current/go/go.env"
  [ ! -f "$ROOT/before/$ROLLOUT.json" ] || say_text before "$ROOT/before/$ROLLOUT.json"
  [ -z "$STATE" ] || say state "$STATE"
}

# tidy: what an earlier script left half done. Under the lock.
tidy() {
  mkdir -p "$ROOT/staging" || give_up unwritable "$ROOT/staging"
  finish_exchange
  for left in "$ROOT"/staging/* "$ROOT"/staging/.[!.]*; do
    [ -e "$left" ] || [ -L "$left" ] || continue
    case $left in
      *.part)
        case "$TASK $WANTED" in
          forward*"\${left##*/}"*) continue ;;
          forward*) ;;
          *) continue ;;
        esac
        ;;
    esac
    chmod -R u+w "$left" 2>/dev/null
    rm -rf "$left"
  done
}

# say_facts: after the claim.
say_facts() {
  say_space
  say_executable
  say_trees
  say_places
}
`;
