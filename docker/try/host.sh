#!/bin/sh
# Starts sshd with the host key and the login key that `setup` made.
set -eu
name=$(hostname)
install -m 600 "/setup/hosts/$name" /etc/ssh/ssh_host_ed25519_key
install -d -m 700 -o deploy -g deploy /home/deploy/.ssh
install -m 600 -o deploy -g deploy /setup/keys/try.pub /home/deploy/.ssh/authorized_keys
exec /usr/sbin/sshd -D -e -o HostKey=/etc/ssh/ssh_host_ed25519_key -o PasswordAuthentication=no
