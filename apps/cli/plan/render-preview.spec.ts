import { PlanPreview } from '#api';
import { expect, it } from 'vitest';
import { renderPreview } from './render-preview.ts';

const HOST = { batch: 1, bytes: null, code: null, message: null } as const;

const PREVIEW = PlanPreview.parse({
  id: null,
  state: 'ready',
  facts: 'known',
  reading: null,
  planDigest: 'sha256:abc',
  name: 'go-1.21.5-build-farm',
  bundle: { name: 'go-1.21.5', digest: 'sha256:def' },
  playbook: 'install-go',
  inventory: 'production',
  targets: 'build',
  begins: { state: 'running', reason: null },
  planned: 3,
  batches: [
    {
      number: 1,
      size: 3,
      hosts: ['a', 'b', 'c'],
      delay: '0s',
      bake: '10m',
      approval: true,
      maxFailures: 1,
      maxUnreachable: null,
      tripsAt: 2,
      mostHurt: 3,
      startsAt: '2026-12-01T01:00:00.000Z',
      endsAt: '2026-12-01T01:10:30.000Z',
    },
  ],
  excluded: [{ host: 'd', reason: { code: 'operator', message: 'in quarantine by olga' } }],
  leftOut: { targets: 7, limit: 0 },
  blastRadius: { hosts: 3, percent: 100, batch: 1, touched: 3, overshoot: 1, strict: false },
  changes: { none: 1, some: 1, unfit: 0, unknown: 1 },
  hosts: [
    { ...HOST, host: 'a', change: 'none', steps: [] },
    { ...HOST, host: 'b', change: 'some', steps: ['go 1.20.1 -> 1.21.5'] },
    { ...HOST, host: 'c', change: 'unknown', steps: [] },
  ],
  predicted: {
    startsAt: '2026-12-01T01:00:00.000Z',
    endsAt: '2026-12-01T01:10:30.000Z',
    duration: '10m30s',
    assumptions: ['a host takes 30s: no earlier rollout tells'],
  },
  warnings: ['no worker of the site default was heard of lately: 3 hosts wait for that'],
});

it('says what a person wants to know before pressing start', () => {
  expect(renderPreview(PREVIEW).split('\n')).toEqual([
    'go-1.21.5-build-farm: install-go with go-1.21.5 on 3 hosts of production (build)',
    'begins as running; 7 of the inventory are no targets',
    '',
    'batch  hosts  trips at  most hurt  bake  delay  approval  ends',
    '    1      3         2          3   10m     0s  yes       2026-12-01T01:10:30.000Z  a, b, c',
    '',
    'at most 3 hosts (100%) can be hurt before the gate of batch 1 stops it (1 of them at work already when it trips); that batch changes 3',
    '',
    '1 would change, 1 have everything, 0 would fail, 1 unknown (as the hosts were last seen)',
    '  1 host (b): go 1.20.1 -> 1.21.5',
    '',
    'excluded: d: in quarantine by olga',
    '',
    'about 10m30s: 2026-12-01T01:00:00.000Z to 2026-12-01T01:10:30.000Z',
    '  if a host takes 30s: no earlier rollout tells',
    '',
    'warning: no worker of the site default was heard of lately: 3 hosts wait for that',
    '',
    'sha256:abc',
  ]);
});
