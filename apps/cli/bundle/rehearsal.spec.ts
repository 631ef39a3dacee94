import type { RehearsalStep } from '#bundle';
import { expect, it } from 'vitest';
import { rehearsalLines } from './rehearsal.ts';

const step = (name: RehearsalStep['step'], more: Partial<RehearsalStep> = {}): RehearsalStep => ({
  step: name,
  platform: 'linux/amd64',
  result: 'passed',
  note: '',
  ...more,
});

it('says what passed on which platform, and warns of what did not', () => {
  const arm = { platform: 'linux/arm64' };
  const steps = [
    step('build'),
    step('vet', { result: 'fails-online-too', note: './x.go:3:1: bad' }),
    step('tidy'),
    step('typecheck', arm),
  ];
  const without = [step('typecheck', { ...arm, result: 'not-applicable', note: 'p needs C' })];
  const projects = [
    { pack: 'default', project: 'api', steps },
    { pack: 'default', project: 'c', steps: without },
  ];
  expect(rehearsalLines({ go: '1.21.5', network: 'cut', projects }, 1)).toEqual([
    'rehearsed from the packs alone, with go 1.21.5, with the network cut:',
    '  default/api  linux/amd64: build, tidy; linux/arm64: typecheck',
    '  default/c  nothing passed',
    'warning: default/api: vet on linux/amd64 fails with a network too: ./x.go:3:1: bad',
    'warning: default/c: typecheck on linux/arm64 was not tried: p needs C',
  ]);
});

it('says that a bundle with packs was not rehearsed, and nothing of one without', () => {
  expect(rehearsalLines(null, 1)).toEqual(['not rehearsed']);
  expect(rehearsalLines(null, 0)).toEqual([]);
});

it('says where the network could not be cut', () => {
  const [line] = rehearsalLines({ go: '1.21.5', network: 'refused', projects: [] }, 1);
  expect(line).toContain('a proxy that nobody listens at');
});
