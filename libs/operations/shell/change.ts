import { text } from './text.ts';

/** What changes a host: everything is made beside its place, flushed and renamed into it. */
export const CHANGE = text`
# receive BLOB SIZE OFFSET: the rest of an upload, cut off at its exact length. Hashed before anything uses it.
receive() {
  PART=$ROOT/staging/$1.part
  have=0
  [ ! -f "$PART" ] || have=$(stat -c %s -- "$PART")
  [ "$have" = "$3" ] || give_up moved "$have"
  [ "$have" -le "$2" ] || { rm -f "$PART"; give_up moved 0; }
  if [ "$have" -lt "$2" ]; then
    exec 8<&0
    bounded "$STEP_SECONDS" head -c "$(($2 - have))" <&8 >>"$PART" 9>&- &
    printf '%s %s %s\n' "$FLEET" "$EPOCH" "$!" >"$ROOT/lock"
    wait "$!" || give_up receive "$?"
    : >"$ROOT/lock"
    exec 8<&-
  fi
  have=$(stat -c %s -- "$PART")
  [ "$have" = "$2" ] || give_up short "$have"
  if [ -n "$BLAKE2B" ] && command -v b2sum >/dev/null 2>&1; then
    sum=$(bounded "$STEP_SECONDS" b2sum <"$PART")
    [ "\${sum%% *}" != "$BLAKE2B" ] || return 0
  else
    sum=$(bounded "$STEP_SECONDS" sha256sum <"$PART")
    [ "\${sum%% *}" != "$1" ] || return 0
  fi
  rm -f "$PART"
  give_up checksum "\${sum%% *}"
}

# stage KIND TREE BLOB SIZE OFFSET ENTRIES: the tree, complete and on the disk before its name is there.
stage() {
  receive "$3" "$4" "$5"
  NEW=$ROOT/staging/$2.new
  mkdir -p "$NEW" "$ROOT/$1" && bounded "$STEP_SECONDS" tar -xzomf "$PART" -C "$NEW" || abandon unpack
  count=$(find "$NEW/$1" | wc -l)
  [ "$count" -ge "$6" ] || abandon incomplete "$count"
  place_settings "$NEW/$1"
  publish "$1" "$2"
  rm -f "$PART"
}

# stage_linked TREE FROM: the tree beside it with other settings; every other file is a hard link.
stage_linked() {
  NEW=$ROOT/staging/$1.new
  mkdir -p "$NEW" && cp -al "$ROOT/go/$2" "$NEW/go" || abandon link
  place_settings "$NEW/go"
  publish go "$1"
}

# place_settings GOROOT: go.env, where there are settings.
place_settings() {
  [ -n "$GO_ENV" ] || return 0
  rm -f "$1/go.env"
  printf '%s\n' "$GO_ENV" >"$1/go.env" || abandon write
}

# publish KIND TREE
publish() {
  [ "$1" != go ] || [ -x "$NEW/go/bin/go" ] || abandon incomplete bin/go
  chmod 755 "$NEW/$1" && flush -f "$NEW/$1" || abandon flush
  if [ -e "$ROOT/$1/$2" ]; then mv -T "$ROOT/$1/$2" "$NEW/broken" || abandon publish; fi
  mv -T "$NEW/$1" "$ROOT/$1/$2" && flush "$ROOT/$1" || abandon publish
  chmod -R u+w "$NEW" 2>/dev/null
  rm -rf "$NEW"
}

# abandon WORD…: nothing half made stays.
abandon() {
  chmod -R u+w "$NEW" 2>/dev/null
  rm -rf "$NEW"
  give_up "$@"
}

# remember JSON: before/ is written and on the disk before the first change of a rollout, and never again.
remember() {
  [ ! -f "$ROOT/before/$ROLLOUT.json" ] || return 0
  mkdir -p "$ROOT/before" || give_up unwritable "$ROOT/before"
  write_line "$ROOT/before/$ROLLOUT.json" "$1\"goVersion\":\"$(answer_of_go)\"}" ||
    give_up unwritable "$ROOT/before/$ROLLOUT.json"
  flush "$ROOT/before"
}

# keep PATH NUMBER: a copy with owner and mode, made once a rollout, before remember.
keep() {
  [ ! -f "$ROOT/before/$ROLLOUT.json" ] || return 0
  mkdir -p "$ROOT/before/$ROLLOUT.kept" || give_up unwritable "$ROOT/before"
  rm -rf "$ROOT/before/$ROLLOUT.kept/$2"
  cp -a -- "$1" "$ROOT/before/$ROLLOUT.kept/$2" || give_up unwritable "$ROOT/before"
  flush -f "$ROOT/before/$ROLLOUT.kept"
}

# still PATH KIND TARGET: a place is as the first script found it.
still() {
  kind_of "$1"
  case $KIND in
    "$2") [ "$2" != link ] || [ "$(readlink -- "$1")" = "$3" ] || give_up changed "$1" ;;
    *) give_up changed "$1" "$KIND" ;;
  esac
}

# activate GENERATION GO MODULES: one rename switches everything.
activate() {
  if [ ! -d "$ROOT/generations/$1" ]; then
    NEW=$ROOT/staging/generation.new
    rm -rf "$NEW"
    mkdir -p "$NEW/it" "$ROOT/generations" && ln -s "../../go/$2" "$NEW/it/go" || abandon generation
    [ -z "$3" ] || ln -s "../../modules/$3" "$NEW/it/modules" || abandon generation
    mv -T "$NEW/it" "$ROOT/generations/$1" && flush "$ROOT/generations" || abandon generation
    rm -rf "$NEW"
  fi
  [ -x "$ROOT/generations/$1/go/bin/go" ] || give_up incomplete "$1"
  swap_in_link "$ROOT/current" "generations/$1"
}

deactivate() { rm -f "$ROOT/current" && flush "$ROOT"; }

# swap_in_link PATH TARGET: a link, a file or nothing becomes the link, by one rename.
swap_in_link() {
  rm -f "$1.gofleet-new"
  ln -s "$2" "$1.gofleet-new" && mv -T "$1.gofleet-new" "$1" || give_up unwritable "$1"
  flush "\${1%/*}"
}
`;
