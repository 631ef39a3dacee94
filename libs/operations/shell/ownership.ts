import { text } from './text.ts';

/** The lock and the fence: who may work on the host. */
export const OWNERSHIP = text`
# take_lock: waits until $WAIT seconds have passed; an upload of ours that nobody feeds any more is ended.
take_lock() {
  command -v flock >/dev/null 2>&1 || { take_folder_lock; return; }
  exec 9>>"$ROOT/lock" || give_up unwritable "$ROOT/lock"
  flock -n 9 && return
  end_receiver
  flock -w "$WAIT" 9 || give_up host_locked "$WAIT"
}

# Without flock: a folder with the id of its owner, taken from owners that are gone.
take_folder_lock() {
  waited=0
  until mkdir "$ROOT/lock.d" 2>/dev/null; do
    owner=
    [ ! -f "$ROOT/lock.d/pid" ] || read -r owner <"$ROOT/lock.d/pid" || :
    if [ -n "$owner" ] && [ ! -d "/proc/$owner" ]; then
      mv "$ROOT/lock.d" "$ROOT/lock.gone.$$" 2>/dev/null || continue
      gone=
      read -r gone <"$ROOT/lock.gone.$$/pid" || :
      if [ "$gone" = "$owner" ]; then rm -rf "$ROOT/lock.gone.$$"; continue; fi
      mv "$ROOT/lock.gone.$$" "$ROOT/lock.d"
    fi
    end_receiver
    [ "$waited" -lt "$WAIT" ] || give_up host_locked "$WAIT"
    waited=$((waited + 1))
    sleep 1
  done
  printf '%s\n' "$$" >"$ROOT/lock.d/pid"
  trap 'rm -rf "$ROOT/lock.d"' EXIT
}

# The lock file says which process receives for which claim; one of an older claim, or of an earlier try of
# this claim, waits for bytes that will not come.
end_receiver() {
  fleet= epoch= receiver= name=
  read -r fleet epoch receiver <"$ROOT/lock" 2>/dev/null || return 0
  [ "$fleet" = "$FLEET" ] && [ -n "$receiver" ] && [ "$epoch" -le "$EPOCH" ] 2>/dev/null || return 0
  read -r name <"/proc/$receiver/comm" 2>/dev/null || return 0
  case $name in head | timeout) kill "$receiver" 2>/dev/null ;; esac
  return 0
}

# read_state: sets THERE_FLEET, THERE_EPOCH, THERE_BY (the rollout that claimed) and REST, all empty where nothing is
# recorded.
read_state() {
  THERE_FLEET= THERE_EPOCH= THERE_BY= REST= STATE=
  [ -e "$ROOT/state.json" ] || return 0
  IFS= read -r STATE <"$ROOT/state.json" || :
  case $STATE in
    '{"schema":1,"fleet":"'*'","epoch":'[0-9]*','*) ;;
    *) give_up state_unreadable "$ROOT/state.json" ;;
  esac
  THERE_FLEET=\${STATE#*'"fleet":"'} THERE_FLEET=\${THERE_FLEET%%\"*}
  REST=\${STATE#*'"epoch":'} THERE_EPOCH=\${REST%%,*} REST=\${REST#*,}
  case $REST in
    '"by":"'*) THERE_BY=\${REST#'"by":"'} THERE_BY=\${THERE_BY%%\"*} REST=\${REST#*,} ;;
  esac
}

# is_ours: whether the claim that is recorded is this one. Two ledgers that were one grant the same numbers.
is_ours() {
  [ "$THERE_FLEET" = "$FLEET" ] && [ "$THERE_EPOCH" = "$EPOCH" ] || return 1
  [ -z "$THERE_BY" ] || [ "$THERE_BY" = "$ROLLOUT" ]
}

NOTHING='"rollout":null,"active":null,"checks":[]}'

# write_state REST
write_state() {
  STATE="{\"schema\":1,\"fleet\":\"$FLEET\",\"epoch\":$EPOCH,\"by\":\"$ROLLOUT\",$1"
  write_line "$ROOT/state.json" "$STATE" || give_up unwritable "$ROOT/state.json"
}

# enter: for every script after the first. The lock, and the claim as the first script left it.
enter() {
  [ -d "$ROOT" ] || give_up stale none
  take_lock
  read_state
  is_ours && return
  say fault stale "$THERE_FLEET" "$THERE_EPOCH"
  say end
  exit 75
}

# claim: for the first script. Another fleet's host and a newer claim's are left as they are.
claim() {
  take_lock
  read_state
  if [ -n "$THERE_FLEET" ] && [ "$THERE_FLEET" != "$FLEET" ] && [ "$ADOPT" != 1 ]; then
    give_up foreign_fleet "$THERE_FLEET" "$THERE_EPOCH"
  fi
  if [ "$THERE_FLEET" = "$FLEET" ] && [ "$THERE_EPOCH" -ge "$EPOCH" ] && ! is_ours; then
    say fault superseded "$THERE_EPOCH"
    say end
    exit 75
  fi
  : >"$ROOT/lock"
  is_ours && return
  write_state "\${REST:-$NOTHING}"
}
`;
