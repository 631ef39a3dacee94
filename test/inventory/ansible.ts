import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface Question {
  path: string;
  patterns: string[];
}

export interface Answer {
  list: Printed;
  graph: Printed;
  patterns: Record<string, string[] | { error: string }>;
}

interface Printed {
  text?: string;
  warnings?: string;
  error?: string;
}

const FOLDER = import.meta.dirname;

/** Asks the Ansible of this machine about many inventories; it is installed first where it is missing. */
export function askAnsible(questions: Question[]): Answer[] {
  const folder = mkdtempSync(join(tmpdir(), 'gofleet-ansible-'));
  const config = join(folder, 'ansible.cfg');
  writeFileSync(config, '');
  try {
    const asked = spawnSync(pythonOfAnsible(), [join(FOLDER, 'ask-ansible.py')], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        LC_ALL: 'C.UTF-8',
        ANSIBLE_CONFIG: config,
        ANSIBLE_NOCOLOR: '1',
      },
      input: questions.map((question) => `${JSON.stringify(question)}\n`).join(''),
    });
    if (asked.status !== 0) throw new Error(`asking Ansible failed: ${asked.stderr}`);
    const answers = asked.stdout.trim().split('\n');
    return answers.map((line) => JSON.parse(line) as Answer);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The interpreter that `ansible-inventory` itself names. */
function pythonOfAnsible(): string {
  execFileSync(resolve(FOLDER, '../../scripts/install-system.sh'), ['ansible-core'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const program = execFileSync('sh', ['-c', 'command -v ansible-inventory'], { encoding: 'utf8' });
  const [first = ''] = readFileSync(program.trim(), 'utf8').split('\n');
  return first.replace(/^#!\s*/, '').trim();
}
