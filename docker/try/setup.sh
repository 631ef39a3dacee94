#!/bin/sh
# Makes what an operator would bring: a login key, the host keys, an inventory that pins them, and what the worker may use.
set -eu
cd /setup
[ -e inventory/try.yaml ] && exit 0
mkdir -p keys hosts inventory playbooks secrets
ssh-keygen -q -t ed25519 -N '' -C try -f keys/try
{
  echo 'all:'
  echo '  vars:'
  echo '    ansible_user: deploy'
  echo '    ansible_become: true'
  echo '    ansible_ssh_private_key_file: try'
  echo '  hosts:'
  for name in host1 host2 host3; do
    ssh-keygen -q -t ed25519 -N '' -C "$name" -f "hosts/$name"
    echo "    $name:"
    echo "      gofleet_host_key: $(cut -d ' ' -f 1,2 "hosts/$name.pub")"
  done
} > inventory/try.yaml
printf 'allow:\n  - { keys: [try], hosts: all, networks: [0.0.0.0/0] }\n' > worker.yaml
chown -R 1000:1000 keys secrets inventory playbooks worker.yaml
chmod 700 keys secrets
