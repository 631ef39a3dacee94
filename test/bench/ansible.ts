import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../lab/index.ts';
import { shellCpu } from './measure.ts';

/** Ansible with pipelining and 20 forks, as its users would write it down. */
export async function ansibleInstall(lab: Lab, archive: string, version: string): Promise<number> {
  const playbook = join(lab.folder, 'ansible.yml');
  await writeFile(playbook, installPlaybook(archive, version));
  return shellCpu(
    `ansible-playbook -i ${join(lab.folder, 'inventory/inventory.yaml')} ${playbook}`,
    {
      ANSIBLE_PIPELINING: '1',
      ANSIBLE_FORKS: '20',
      ANSIBLE_HOST_KEY_CHECKING: '0',
      ANSIBLE_PRIVATE_KEY_FILE: join(lab.keys, 'lab'),
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_LOCALHOST_WARNING: '0',
    },
  );
}

function installPlaybook(archive: string, version: string): string {
  return `- hosts: all
  gather_facts: false
  vars:
    ansible_ssh_private_key_file: "{{ lookup('env', 'ANSIBLE_PRIVATE_KEY_FILE') }}"
  tasks:
    - file: { path: /opt/ansible/go-${version}, state: directory }
    - unarchive:
        src: ${archive}
        dest: /opt/ansible/go-${version}
        creates: /opt/ansible/go-${version}/go/bin/go
    - file: { src: /opt/ansible/go-${version}/go, dest: /opt/ansible/current, state: link }
    - copy:
        dest: /etc/profile.d/ansible-go.sh
        content: |
          export PATH=/opt/ansible/current/bin:$PATH
    - command: /opt/ansible/current/bin/go version
      register: version
      changed_when: false
      failed_when: "'go${version}' not in version.stdout"
`;
}
