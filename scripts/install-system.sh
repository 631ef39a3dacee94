#!/bin/sh
# Installs the named Debian packages that are missing: scripts/install-system.sh redis-server openssh-server
# Exit codes: 0 everything is there, 2 wrong use, 3 it may not or cannot install (the remedy is printed).
# It never leaves a service running that was not running before: the packages are wanted for their
# programs, which gofleet starts itself, on its own ports.
set -eu

POLICY=/usr/sbin/policy-rc.d
MARK='# gofleet: no service is started while packages are installed'

say() { printf 'install-system: %s\n' "$*" >&2; }

main() {
  [ $# -gt 0 ] || { say 'usage: install-system.sh PACKAGE...'; exit 2; }
  missing=$(missing_of "$@")
  [ -n "$missing" ] || exit 0
  manager=$(manager_here) || give_up "no known package manager (apt-get, dnf, apk) is here" "$@"
  names=$(names_for "$manager" $missing)
  [ "$(id -u)" = 0 ] || may_sudo || give_up 'this needs root, and sudo may not be used without a password' "$@"
  say "installing with $manager$([ "$(id -u)" = 0 ] || echo ' and sudo'): $names"
  install_with "$manager" $names || give_up "$manager could not install: $names" "$@"
  left=$(missing_of "$@")
  [ -z "$left" ] || give_up "still missing after the installation: $left" "$@"
}

# A package counts as there when its program is, however it came here.
missing_of() {
  for package in "$@"; do
    program=$(program_of "$package")
    if [ -n "$program" ]; then found "$program" || printf '%s ' "$package"
    else dpkg -s "$package" >/dev/null 2>&1 || printf '%s ' "$package"
    fi
  done
}

program_of() {
  case $1 in
    redis-server) echo redis-server ;;
    openssh-server) echo sshd ;;
    openssh-client) echo ssh ;;
    mmdebstrap | git | curl | sudo | ansible | zstd | python3) echo "$1" ;;
    ansible-core) echo ansible ;;
  esac
}

found() { PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1" >/dev/null 2>&1; }

manager_here() {
  for candidate in apt-get dnf apk; do
    if found "$candidate"; then echo "$candidate"; return 0; fi
  done
  return 1
}

names_for() {
  manager=$1; shift
  for package in "$@"; do
    case $manager:$package in
      dnf:redis-server | apk:redis-server) printf 'redis ' ;;
      dnf:openssh-client) printf 'openssh-clients ' ;;
      *) printf '%s ' "$package" ;;
    esac
  done
}

may_sudo() { found sudo && sudo -n true 2>/dev/null || { [ -t 0 ] && [ -t 2 ] && found sudo && sudo -v; }; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

install_with() {
  manager=$1; shift
  case $manager in
    apt-get) install_apt "$@" ;;
    dnf) as_root dnf install -y -q "$@" ;;
    apk) as_root apk add --quiet "$@" ;;
  esac
}

install_apt() {
  hold_services
  # Old package lists are the usual fault of a first try; the second one is not silent.
  apt_install "$@" 2>/dev/null || { say 'refreshing the package lists (apt-get update)'; as_root apt-get update -qq && apt_install "$@"; }
  result=$?
  release_services
  for package in "$@"; do rest_service "$package"; done
  return $result
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o DPkg::Lock::Timeout=300 "$@" >/dev/null
}

# Debian starts a service as soon as its package is unpacked, unless this file says no.
hold_services() {
  [ ! -e $POLICY ] || grep -qsF "$MARK" $POLICY || return 0
  trap release_services EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" | as_root tee $POLICY >/dev/null
  as_root chmod 755 $POLICY
}

release_services() { if grep -qsF "$MARK" $POLICY; then as_root rm -f $POLICY; fi; }

# It should not come up at the next boot either.
rest_service() {
  case $1 in redis-server) unit=redis-server ;; openssh-server) unit=ssh ;; *) return 0 ;; esac
  if [ -d /run/systemd/system ]; then as_root systemctl disable --quiet "$unit" 2>/dev/null || true
  elif found update-rc.d; then as_root update-rc.d "$unit" disable >/dev/null 2>&1 || true
  fi
}

give_up() {
  say "$1"
  shift
  say "remedy: install these packages as root and run it again: apt-get install --no-install-recommends $*"
  exit 3
}

main "$@"
