import { text } from './text.ts';

/** The files of a tree with their hashes, some thousands at a time; nothing is written. */
export const HASHES = text`
# say_hashes KIND TREE FIRST LAST: of the files from one to another in the order of their names.
say_hashes() {
  cd "$ROOT/$1/$2" 2>/dev/null || { say gone; return 0; }
  gently=
  ! command -v nice >/dev/null 2>&1 || gently=nice
  find . -type f | sort | sed -n "$3,$4p" | tr '\n' '\0' |
    $gently xargs -0 sha256sum 2>/dev/null | grep '\./' | sed "s/^/$NONCE hash	/"
  [ "$3" = 1 ] || return 0
  find . -type f -perm -100 | sed "s/^/$NONCE executable	/"
  find . ! -type f ! -type d | sed "s/^/$NONCE other	/"
}
`;
