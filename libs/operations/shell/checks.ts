import { text } from './text.ts';

/** Health checks, as the user they are for: empty folder, clean environment, time limit, without the lock. */
export const CHECKS = text`
# in_clean_shell USER SECONDS COMMAND: in FOLDER; standard output and error together. Without a place for
# settings go keeps no counters in the home of the user, and heeds nobody's own settings.
in_clean_shell() {
  home=$LOGIN_HOME
  [ "$1" = "$LOGIN" ] || home=$(home_of "$1")
  set -- "$1" "$2" env -i PATH="$LOGIN_PATH" AS_HOME="$home" AS_USER="$1" AS_PATH="$LOGIN_PATH" \
    AS_PROFILE="$PROFILE" AS_FOLDER="$FOLDER" AS_COMMAND="$3"
  user=$1 seconds=$2
  shift 2
  if [ "$user" = "$ME" ]; then
    set -- "$@" /bin/sh -c "$CLEAN"
  elif [ $MODE = root ]; then
    set -- "$@" su -s /bin/sh -c "$CLEAN" "$user"
  else
    printf 'only root can run this as %s\n' "$user"
    return 126
  fi
  bounded "$seconds" "$@" </dev/null 2>&1 9>&-
}

CLEAN='HOME=$AS_HOME USER=$AS_USER LOGNAME=$AS_USER SHELL=/bin/sh PATH=$AS_PATH
XDG_CONFIG_HOME=/dev/null
export HOME USER LOGNAME SHELL PATH XDG_CONFIG_HOME
cd "$AS_FOLDER" || exit 126
set -- "$AS_PROFILE" "$AS_COMMAND"
unset AS_HOME AS_USER AS_PATH AS_PROFILE AS_FOLDER AS_COMMAND
eval "$1"
eval "$2"'

# home_of USER
home_of() {
  while IFS=: read -r name _ _ _ _ home _; do
    [ "$name" != "$1" ] || { printf '%s' "$home"; return; }
  done </etc/passwd
  getent passwd "$1" | cut -d: -f6
}

# check_folder USER: sets FOLDER.
check_folder() {
  CHECKED=$((CHECKED + 1))
  FOLDER=$ROOT/staging/check.$$.$CHECKED
  mkdir -p "$ROOT/staging" && mkdir -m 700 "$FOLDER" || return 1
  [ "$1" = "$ME" ] || chown "$1" "$FOLDER" 2>/dev/null || :
}

end_check() {
  chmod -R u+w "$FOLDER" 2>/dev/null
  rm -rf "$FOLDER"
}

# check ID USER SECONDS COMMAND
check() {
  as=\${2:-$LOGIN}
  check_folder "$as" || { say_check "$1" "$ROOT/staging cannot be written
126"; return; }
  output=$({ in_clean_shell "$as" "$3" "$4"; printf '\n%s' "$?"; } | { head -c 16384; tail -c 16; })
  end_check
  say_check "$1" "$output"
}

# check_build ID USER SECONDS BLOB NAME PACKAGES: an offline build and test of a project of the pack, its caches apart.
check_build() {
  as=\${2:-$LOGIN}
  check_folder "$as" || { say_check "$1" "$ROOT/staging cannot be written
126"; return; }
  output=$({
    tar -xzopf "$ROOT/staging/$4.part" -C "$FOLDER" && mkdir "$FOLDER/tmp" &&
      { [ "$as" = "$ME" ] || chown -R "$as" "$FOLDER"; } 2>&1 &&
      in_clean_shell "$as" "$3" "$BUILD cd './$5' && go build $6 && go test $6"
    printf '\n%s' "$?"
  } | { head -c 16384; tail -c 16; })
  end_check
  say_check "$1" "$output"
  case $output in *"
0") PASSED=$PASSED,\"$1\" ;; esac
}

BUILD='export GOENV=off GOFLAGS=-modcacherw GOCACHE="$PWD/cache" GOPATH="$PWD/path" GOTMPDIR="$PWD/tmp" TMPDIR="$PWD/tmp";'
PASSED= CHECKED=0

# say_check ID OUTPUT: the code is the last line.
say_check() {
  say "check	$1	\${2##*"
"}"
  while IFS= read -r line; do say "output	$1	$line"; done <<END
\${2%"
"*}
END
}

# record_passed: builds that passed need not be run again for this generation.
record_passed() {
  [ -n "$PASSED" ] || return 0
  read_state
  rest=\${REST%']}'}
  case $rest in
    *'[') write_state "$rest\${PASSED#,}]}" ;;
    *) write_state "$rest$PASSED]}" ;;
  esac
}

# login_profile EXPORT: what a login reads before a check, without all that others put there.
login_profile() {
  PROFILE='[ ! -r /etc/profile.d/gofleet.sh ] || . /etc/profile.d/gofleet.sh'
  [ $MODE = user ] || return 0
  PROFILE="PATH='$ROOT/bin':\$PATH"
  [ "$1" != 1 ] || PROFILE="$PROFILE; GOROOT='$ROOT/current/go'; export GOROOT"
}

# answer_of_go: what go version says to the login user, without quotes and backslashes.
answer_of_go() {
  check_folder "$LOGIN" || return 0
  in_clean_shell "$LOGIN" 30 'HOME=/dev/null; go version 2>/dev/null' | head -n 1 | tr -cd ' -!#-[]-~'
  end_check
}
`;
