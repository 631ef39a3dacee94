import { text } from './text.ts';

/**
 * What every script begins with: frames that noise cannot be taken for, and writing that survives a power cut.
 * Arguments: the login user, its home and its PATH.
 */
export const BASE = text`
umask 022
LOGIN=$1 LOGIN_HOME=$2 LOGIN_PATH=$3
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
LC_ALL=C
export PATH LC_ALL
unset CDPATH ENV BASH_ENV TAR_OPTIONS GZIP POSIXLY_CORRECT
IFS=' 	
'

# say WORD…: one line of the answer.
say() { printf '%s %s\n' "$NONCE" "$*"; }

# give_up CODE WORD…: the answer is a fault.
give_up() { say fault "$@"; say end; exit 1; }

# flush FILE…: on the disk, not only in memory. flush -f DIR: the file system it lies on.
flush() { sync "$@" 2>/dev/null || sync; }

# bounded SECONDS COMMAND…: ended by its own time limit where the host can do that.
bounded() {
  if command -v timeout >/dev/null 2>&1; then timeout -k 5 "$@"; else shift; "$@"; fi
}

# write_line FILE TEXT: the file becomes this line, whole or not at all. A full disk does not fail every
# shell's printf, so what was written is read again.
write_line() {
  read_back=
  printf '%s\n' "$2" 2>/dev/null >"$1.gofleet-new" || return 1
  IFS= read -r read_back <"$1.gofleet-new" || return 1
  [ "$read_back" = "$2" ] && flush "$1.gofleet-new" && mv -f "$1.gofleet-new" "$1"
}
`;
