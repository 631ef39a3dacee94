import type { FleetHost, ReadingHost } from '#api';
import { expect, it } from 'vitest';
import { auditHosts, renderAudit } from './audit.ts';
import { findingsOf, renderFindings } from './doctor.ts';
import { renderFacts } from './facts.ts';

const PLAIN = { red: (text: string) => text, green: (text: string) => text } as never;

function read(name: string, facts: object = {}): ReadingHost {
  const told = { code: null, message: null, remedy: null };
  return {
    name,
    site: 'north',
    address: '10.0.0.1:22',
    state: 'read',
    ...told,
    facts: { ...FACTS, ...facts },
  };
}

const FACTS = {
  platform: 'linux/amd64',
  mode: 'root',
  user: 'deploy',
  root: '/opt/gofleet',
  freeBytes: 9_000_000_000,
  freeInodes: 900_000,
  go: '1.21.5-0123456789ab',
  modules: null,
  goVersion: '1.21.5',
  rollout: 'R1',
  fleet: 'F',
  epoch: 3,
  faults: [],
};

const AWAY: ReadingHost = {
  ...read('away'),
  state: 'failed',
  code: 'timeout',
  message: 'no answer in time',
  remedy: 'Look whether the host is up.',
  facts: null,
};

function known(name: string, more: Partial<FleetHost> = {}): FleetHost {
  return {
    name,
    site: 'north',
    epoch: 3,
    owner: null,
    changedBy: 'R1',
    lastRollout: 'R1',
    lastOutcome: 'succeeded',
    lastSeenAt: null,
    lastSucceededAt: null,
    adopt: false,
    facts: null,
    quarantine: null,
    drift: [],
    ...more,
  } as FleetHost;
}

it('facts are a line a host, and the reason for one that was not read', () => {
  const lines = renderFacts([read('web'), AWAY], PLAIN).split('\n');
  expect(lines[1]).toMatch(
    /^web +north +1\.21\.5 +- +linux\/amd64 +root +\/opt\/gofleet +9\.?0? GB +R1$/,
  );
  expect(lines[2]).toMatch(/^away +north +timeout .*no answer in time$/);
});

it('the doctor tells all that is wrong with a host, by code with what to do', () => {
  const tools = { code: 'tools', message: 'the host lacks tar', remedy: 'Install it.' };
  const bad = read('bad', { faults: [tools], freeBytes: 1_000_000, freeInodes: 5 });
  const findings = [bad, AWAY, read('web')].flatMap((host) => findingsOf(host, 500_000_000));
  expect(findings.map(({ host, code }) => `${host} ${code}`)).toEqual([
    'bad tools',
    'bad disk',
    'bad inodes',
    'away timeout',
  ]);
  const text = renderFindings(findings, 3, PLAIN);
  expect(text).toContain('tools (1 host)\n  bad: the host lacks tar\n  -> Install it.');
  expect(text).toContain('1 host of 3 would not stop a rollout');
});

it('an audit names what differs from the ledger, and what nobody knows', () => {
  const drift = [{ key: 'go', wanted: '1.21.6', found: '1.21.5' }];
  const audited = auditHosts(
    [read('same'), read('other'), read('later', { epoch: 9 }), read('new'), AWAY],
    [known('same'), known('other', { drift }), known('later'), known('away', { drift })],
  );
  expect(audited.map(({ name, state }) => `${name}: ${state}`)).toEqual([
    'same: as recorded',
    'other: differs',
    'later: differs',
    'new: unknown',
    'away: unread',
  ]);
  expect(audited[2]?.differences).toEqual([{ key: 'epoch', wanted: '3 at most', found: '9' }]);
  const text = renderAudit(audited);
  expect(text).toMatch(/^other +differs +go +1\.21\.6 +1\.21\.5$/m);
  expect(text).toMatch(/^away +unread +timeout +no answer in time$/m);
  expect(text).toContain('1 host as recorded, 2 hosts differs, 1 host unknown, 1 host unread');
});
