import { expect, it } from 'vitest';
import { ResolvedOperation } from './index.ts';
import { wantedOn } from './wanted.ts';

const HOST = {
  os: 'linux',
  arch: 'amd64',
  machine: 'x86_64',
  root: '/opt/gofleet',
  goEnv: undefined,
  active: undefined,
};
const SIZES = { size: 1000, unpackedBytes: 5000, entries: 10 };
const GO = ResolvedOperation.parse({
  operation: 'go-toolchain',
  version: '1.21.5',
  archives: [{ version: '1.21.5', os: 'linux', arch: 'amd64', blob: 'a'.repeat(64), ...SIZES }],
});

it.each([
  [{}, ['GOSUMDB=off']],
  [{ gosumdb: 'sum.golang.org' }, ['GOSUMDB=sum.golang.org']],
  [
    { gosumdb: 'sum.golang.org', gonosumdb: 'corp.example/a,corp.example/b' },
    ['GOSUMDB=sum.golang.org', 'GONOSUMDB=corp.example/a,corp.example/b'],
  ],
])('go-env %j is %j in the go.env of the host', (settings, lines) => {
  const env = ResolvedOperation.parse({ operation: 'go-env', ...settings });
  const rows = wantedOn(HOST, [GO, env]).go?.goEnv?.split('\n') ?? [];
  expect(rows.filter((row) => row.includes('SUMDB='))).toEqual(lines);
});
