import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { plan, startStack, syntheticBundle, type Stack } from '../stack/index.ts';

interface Told {
  event: string;
  rollout: string;
  state: string;
  reason: { code: string } | null;
}

let stack: Stack;
let server: Server;
const heard: Told[] = [];
let tries = 0;

/** A webhook that fails the first time, and a command that writes down what it is given. */
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => {
      tries += 1;
      if (tries > 1) heard.push(JSON.parse(body) as Told);
      response.writeHead(tries > 1 ? 204 : 500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack = await startStack();
  await writeFile(join(stack.data, 'secrets/nobody'), 'unheard');
  const script = join(stack.data, 'notify/page.sh');
  await mkdir(join(stack.data, 'notify'), { recursive: true });
  await writeFile(script, '#!/bin/sh\ncat > "$(dirname "$0")/paged"\n');
  await chmod(script, 0o755);
  await stack.import(await syntheticBundle({ versions: ['1.21.5'] }));
});

afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  server.close();
});

it('a pause is told to the webhook, which is tried again, and to the command', async () => {
  const { port } = server.address() as AddressInfo;
  const host = {
    ansible_host: '127.0.0.1',
    ansible_port: 1,
    ansible_user: 'nobody',
    ansible_password: 'secret:file:nobody',
    gofleet_host_key: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`,
  };
  const { id } = await stack.api.start(
    plan({
      inventory: { all: { hosts: { gone: host } } },
      retries: { attempts: 1 },
      notify: [
        { webhook: `http://127.0.0.1:${port}/hook`, on: ['paused'] },
        { command: 'page.sh', on: ['paused', 'finished'] },
      ],
    }),
  );
  await stack.api.untilState(id, 'paused');
  const expected = { event: 'paused', rollout: id, state: 'paused' };
  await until(() => heard.length > 0);
  expect(heard[0]).toMatchObject({ ...expected, reason: { code: 'failure_budget' } });
  expect(tries).toBe(2);
  const paged = await readFile(join(stack.data, 'notify/paged'), 'utf8');
  expect(JSON.parse(paged)).toMatchObject(expected);
});

async function until(holds: () => boolean): Promise<void> {
  for (let tenths = 0; tenths < 300 && !holds(); tenths += 1) await sleep(100);
}
