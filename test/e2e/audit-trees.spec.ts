import { afterAll, beforeAll, expect, it } from 'vitest';
import { startLab, type Lab } from '../lab/index.ts';
import { install, plan, startStack, syntheticBundle, type Stack } from '../stack/index.ts';

let lab: Lab;
let stack: Stack;

beforeAll(async () => {
  lab = await startLab({ hosts: [{ name: 'good' }, { name: 'bad', user: 'deploy' }] });
  stack = await startStack({ lab });
  await stack.import(await syntheticBundle({ versions: ['1.21.5'], packs: ['default'] }));
  const playbook = install('1.21.5');
  const operations = [...playbook.operations, { 'module-pack': { pack: 'default' } }];
  const { id } = await stack.api.start(plan({ playbook: { ...playbook, operations } }));
  await stack.api.untilState(id, 'succeeded');
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await lab.stop();
});

async function audit(...patterns: string[]) {
  const { code, stdout } = await stack.cli('hosts', 'audit', '--trees', ...patterns);
  return { code, lines: stdout.split('\n').map((line) => line.replaceAll(/ {2,}/g, ' ').trim()) };
}

function host(name: string) {
  const found = lab.hosts.find((each) => each.name === name);
  if (!found) throw new Error(name);
  return found;
}

it('hashes every file that was installed, and finds each as it is in the bundle', async () => {
  const before = await host('good').listing(['/opt', '/etc', '/usr/local']);
  const { code, lines } = await audit();
  expect({ code, lines }).toEqual({ code: 0, lines: ['2 hosts as recorded, 14 files hashed', ''] });
  expect(await host('good').listing(['/opt', '/etc', '/usr/local'])).toEqual(before);
});

it('names the files of a host that are not as they are in the bundle', async () => {
  await host('bad').run(
    [
      'cd /opt/gofleet/current/go',
      'printf x >>src/noise; chmod 755 VERSION; rm bin/gofmt; echo hidden >src/evil.go',
      'echo v9.9.9 >>/opt/gofleet/current/modules/example.com/m/@v/list',
    ].join(' && '),
  );
  const { code, lines } = await audit();
  expect(code).toBe(1);
  expect(lines.filter((line) => line.startsWith('bad'))).toEqual([
    'bad differs go/VERSION as in the bundle another mode',
    'bad differs go/bin/gofmt as in the bundle nothing',
    'bad differs go/src/evil.go nothing a file',
    'bad differs go/src/noise as in the bundle other bytes',
    'bad differs modules/example.com/m/@v/list as in the bundle other bytes',
  ]);
  expect(lines.at(-2)).toBe('1 host differs, 1 host as recorded, 14 files hashed');
  expect((await audit('good')).code).toBe(0);
});

it('counts our own go.env out, and not one that somebody has edited', async () => {
  await host('good').run('echo GOFLAGS=-insecure >>/opt/gofleet/current/go/go.env');
  const { code, lines } = await audit('good');
  expect(code).toBe(1);
  expect(lines[1]).toBe('good differs go/go.env as in the bundle other bytes');
});
