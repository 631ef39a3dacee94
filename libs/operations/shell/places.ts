import { text } from './text.ts';

/** Which places outside the trees are ours, and what is at them. */
export const PLACES = text`
BLOCK_BEGIN='# >>> gofleet >>>' BLOCK_END='# <<< gofleet <<<'

# where: sets ME, MODE and ROOT.
where() {
  ME=$(id -un)
  if [ "$(id -u)" = 0 ]; then MODE=root; else MODE=user; fi
  case $ROOT_WANTED in
    '') if [ $MODE = root ]; then ROOT=/opt/gofleet; else ROOT=$HOME/.gofleet; fi ;;
    '~/'*) ROOT=$HOME/\${ROOT_WANTED#'~/'} ;;
    *) ROOT=$ROOT_WANTED ;;
  esac
}

# kind_of PATH: absent (nofolder: with its folder), link, folder or file.
kind_of() {
  if [ -L "$1" ]; then KIND=link
  elif [ -d "$1" ]; then KIND=folder
  elif [ -e "$1" ]; then KIND=file
  elif [ -d "\${1%/*}" ]; then KIND=absent
  else KIND=nofolder; fi
}

# real FILE: the file itself where it is a link, so that the link stays.
real() { REAL=$1; [ ! -L "$1" ] || REAL=$(readlink -f -- "$1") || REAL=$1; }

# say_links PATH…: the targets of those that are links.
say_links() {
  for link in "$@"; do
    shift
    [ ! -L "$link" ] || set -- "$@" "$link"
  done
  [ $# -gt 0 ] || return 0
  targets=$(readlink -- "$@")
  if [ "$(printf '%s\n' "$targets" | wc -l)" -ne $# ]; then
    targets=$(for link in "$@"; do readlink -- "$link"; done)
  fi
  while IFS= read -r target; do
    say "link	$1	$target"
    shift
  done <<END
$targets
END
}

# say_text WORD FILE: its first 40 lines.
say_text() {
  count=0
  while [ $count -lt 40 ] && { IFS= read -r line || [ -n "$line" ]; }; do
    say "$1	$line"
    count=$((count + 1))
  done <"$2"
}

# say_places
say_places() {
  if [ $MODE = root ]; then
    set -- /usr/local/go /usr/local/bin/go /usr/local/bin/gofmt /etc/profile.d/gofleet.sh
  else
    set -- "$ROOT/bin/go" "$ROOT/bin/gofmt"
  fi
  for place in "$@"; do
    kind_of "$place"
    say "place	$place	$KIND"
  done
  say_links "$@" "$ROOT/current" "$ROOT"/generations/*/go "$ROOT"/generations/*/modules
  if [ $MODE = root ]; then
    [ ! -f /etc/profile.d/gofleet.sh ] || say_text profile /etc/profile.d/gofleet.sh
    return
  fi
  set -- "$HOME/.profile" "$HOME/.bashrc"
  for place in "$@"; do
    kind_of "$place"
    say "place	$place	$KIND"
    [ -f "$place" ] || continue
    while IFS= read -r line; do say "block	$place	$line"; done <<END
$(sed -n "/^$BLOCK_BEGIN$/,/^$BLOCK_END$/p" "$place")
END
  done
  say_links "$@"
}
`;
