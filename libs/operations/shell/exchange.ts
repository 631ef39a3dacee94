import { text } from './text.ts';

/** Places outside the root: made, and given back as they were. */
export const EXCHANGE = text`
# place_link PATH TARGET KEPT: a folder makes way under the name KEPT, with a journal for a cut in between.
place_link() {
  mkdir -p "\${1%/*}" || give_up unwritable "\${1%/*}"
  kind_of "$1"
  if [ $KIND != folder ]; then swap_in_link "$1" "$2"; return; fi
  write_line "$ROOT/journal" "place	$1	$2	$3" || give_up unwritable "$ROOT/journal"
  finish_exchange
}

# give_back_folder PATH KEPT
give_back_folder() {
  [ -d "$2" ] || { [ -d "$1" ] && [ ! -L "$1" ] && return; give_up kept_gone "$2"; }
  write_line "$ROOT/journal" "give back	$1	-	$2" || give_up unwritable "$ROOT/journal"
  finish_exchange
}

# finish_exchange: what the journal says, from wherever it was cut off.
finish_exchange() {
  [ -f "$ROOT/journal" ] || return 0
  IFS='	' read -r verb place target kept <"$ROOT/journal"
  kind_of "$place"
  case "$verb $KIND" in
    'place folder')
      if ! mv -T "$place" "$kept"; then
        rm -f "$ROOT/journal"
        give_up unwritable "$place"
      fi
      swap_in_link "$place" "$target"
      ;;
    'place absent') [ ! -d "$kept" ] || swap_in_link "$place" "$target" ;;
    'give back link') rm -f "$place" && mv -T "$kept" "$place" ;;
    'give back absent') mv -T "$kept" "$place" ;;
  esac || give_up unwritable "$place"
  flush "\${place%/*}"
  rm -f "$ROOT/journal"
}

# give_back PATH KIND NUMBER: what keep copied, or nothing where nothing was.
give_back() {
  case $2 in
    absent) rm -f "$1" && flush "\${1%/*}" ;;
    nofolder) rm -f "$1"; rmdir "\${1%/*}" 2>/dev/null || : ;;
    *)
      rm -rf "$1.gofleet-new"
      cp -a -- "$ROOT/before/$ROLLOUT.kept/$3" "$1.gofleet-new" && mv -T "$1.gofleet-new" "$1" || give_up unwritable "$1"
      flush "\${1%/*}"
      ;;
  esac || give_up unwritable "$1"
}

# place_file PATH TEXT
place_file() {
  mkdir -p "\${1%/*}" || give_up unwritable "\${1%/*}"
  rm -f "$1.gofleet-new"
  printf '%s\n' "$2" >"$1.gofleet-new" && chmod 644 "$1.gofleet-new" && flush "$1.gofleet-new" || give_up unwritable "$1"
  mv -T "$1.gofleet-new" "$1" || give_up unwritable "$1"
  flush "\${1%/*}"
}

# place_block FILE TEXT: at the top, since a .bashrc may end early for shells that nobody types in. An empty
# text takes the block out; a file that was not there before and is empty then goes with it.
place_block() {
  real "$1"
  new=$REAL.gofleet-new
  rm -f "$new"
  if [ -e "$REAL" ]; then cp -p "$REAL" "$new"; else : >"$new"; fi || give_up unwritable "$1"
  {
    [ -z "$2" ] || printf '%s\n%s\n%s\n' "$BLOCK_BEGIN" "$2" "$BLOCK_END"
    [ ! -e "$REAL" ] || sed "/^$BLOCK_BEGIN$/,/^$BLOCK_END$/d" "$REAL"
  } >"$new" || give_up unwritable "$1"
  flush "$new"
  if [ "$3" = absent ] && [ ! -s "$new" ]; then rm -f "$new" "$REAL"; else mv -T "$new" "$REAL"; fi || give_up unwritable "$1"
}
`;
