#!/bin/sh
# Builds the root file system that all lab hosts stand on: build-base.sh TARGET PACKAGE,PACKAGE…
# Run it under a lock. TARGET is complete when it exists: it is built beside it and renamed.
set -eu

target=$1
packages=$2
building=$target.building

rm -rf --one-file-system "$target".building "$target".old
[ ! -d "$target" ] || exit 0

. /etc/os-release
export SOURCE_DATE_EPOCH=0
bootstrap() {
  rm -rf --one-file-system "$building"
  mmdebstrap --quiet --variant=minbase --include="$packages" \
    --aptopt='Acquire::Languages "none"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$VERSION_CODENAME" "$building" "$@"
}
# The sources of this machine know its mirror; the default mirror helps where they are of no use.
for source in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  if [ -s "$source" ]; then set -- "$@" "$source"; fi
done
shift 2
bootstrap "$@" || bootstrap

inside() { chroot "$building" "$@"; }

# `*` is no password, but unlike `!` no lock either: keys are good for such an account.
for user in deploy operator plain; do
  inside groupadd --force "$user"
  inside useradd --create-home --gid "$user" --shell /bin/bash --password '*' "$user"
done
inside usermod --password '*' root
printf 'operator:lab-operator-password\n' | inside chpasswd
printf 'deploy ALL=(ALL:ALL) NOPASSWD: ALL\noperator ALL=(ALL:ALL) ALL\n' >"$building/etc/sudoers.d/lab"
chmod 440 "$building/etc/sudoers.d/lab"

rm -f "$building"/etc/ssh/ssh_host_* "$building"/var/lib/apt/lists/*_* "$building"/var/cache/apt/*.bin
mkdir -p "$building/run/sshd" "$building/dev/pts" "$building/dev/shm"
: >"$building/etc/resolv.conf"
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
  path=$building/dev/${node%%:*}
  rest=${node#*:}
  [ -c "$path" ] || [ -L "$path" ] || mknod -m 666 "$path" c "${rest%:*}" "${rest#*:}"
done
ln -sf pts/ptmx "$building/dev/ptmx"
mv -T "$building" "$target"
