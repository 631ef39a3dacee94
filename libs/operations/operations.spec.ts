import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ResolvedOperation } from '#operations';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { beforeOf } from './before.ts';
import type { Facts, Place } from './host/facts.ts';
import { stepsFor, undoFor } from './operations/index.ts';
import { isStage, type Step } from './steps.ts';
import { wantedOn } from './wanted.ts';

interface Case {
  what: string;
  operations: unknown;
  /** What differs from a host with nothing. */
  found: Partial<Facts>;
  steps: Step[];
}

const FOLDER = join(import.meta.dirname, 'cases');
const CASES = readdirSync(FOLDER).map((file): [string, Case] => [
  file,
  JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Case,
]);

const absent: Place = { kind: 'absent' };
const NOTHING: Facts = {
  user: 'root',
  home: '/root',
  mode: 'root',
  root: '/opt/gofleet',
  os: 'linux',
  arch: 'amd64',
  machine: 'x86_64',
  lacks: [],
  unsafe: [],
  noexec: false,
  freeBytes: 1e9,
  freeInodes: 1e6,
  trees: { go: [], modules: [] },
  parts: {},
  active: undefined,
  goEnv: undefined,
  places: {
    '/usr/local/go': absent,
    '/usr/local/bin/go': absent,
    '/usr/local/bin/gofmt': absent,
    '/etc/profile.d/gofleet.sh': absent,
  },
  profile: undefined,
  state: undefined,
  before: undefined,
  checks: {},
  goVersion: undefined,
};

function factsOf(found: Partial<Facts>): Facts {
  const places = found.mode === 'user' ? {} : NOTHING.places;
  return { ...NOTHING, ...found, places: { ...places, ...found.places } };
}

describe.each(CASES)('%s', (_, { what, operations, found, steps }) => {
  const facts = factsOf(found);
  const wish = z.array(ResolvedOperation).parse(operations);
  const wanted = wantedOn(facts, wish);

  it(`${what}: the steps`, () => {
    expect(plain(stepsFor('R1', wanted, facts))).toEqual(steps);
  });

  it('a second run has nothing to do but builds that have not passed', () => {
    const after = settle(facts, steps);
    const goEnv = wanted.go?.goEnv ?? after.goEnv;
    const again = stepsFor('R2', wantedOn({ ...after, goEnv }, wish), { ...after, goEnv });
    expect(again.filter(({ step }) => step !== 'fetchSource')).toEqual([]);
  });

  it('the undo leads back to what was there', () => {
    const before = { ...beforeOf('R1', facts), goVersion: '' };
    const after = settle(facts, steps);
    const undone = settle(after, undoFor(before, after));
    expect(undone.active).toEqual(facts.active);
    expect(kinds(undone)).toEqual(kinds(facts));
    if (steps.some((each) => !isStage(each))) expect(undoFor(before, after)).not.toEqual([]);
  });
});

function kinds({ places }: Facts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(places).map(([path, { kind, block }]) => {
      const empty = kind === 'file' && /\/\.\w+$/.test(path) && block === undefined;
      return [path, empty ? 'no block' : kind];
    }),
  );
}

function plain(steps: Step[]): unknown {
  return JSON.parse(JSON.stringify(steps));
}

/** The facts of a host on which steps were carried out. */
function settle(found: Facts, steps: readonly Step[]): Facts {
  return steps.reduce(carryOut, found);
}

function carryOut(facts: Facts, step: Step): Facts {
  switch (step.step) {
    case 'stageGo':
      return withTree(withoutPart(facts, step.upload.blob), 'go', step.tree);
    case 'linkGo':
      return withTree(facts, 'go', step.tree);
    case 'stageModules':
      return withTree(withoutPart(facts, step.upload.blob), 'modules', step.tree);
    case 'fetchSource':
      return facts;
    case 'activate': {
      const { generation, go, modules } = step;
      return { ...facts, active: { generation, go, modules } };
    }
    case 'deactivate':
      return { ...facts, active: undefined, goEnv: undefined };
    case 'link':
      return withPlace(facts, step.path, { kind: 'link', target: step.target });
    case 'file':
      return { ...withPlace(facts, step.path, { kind: 'file' }), profile: step.text };
    case 'block': {
      const place: Place = { kind: step.text === '' && step.removeEmpty ? 'absent' : 'file' };
      if (step.text !== '') place.block = step.text;
      return withPlace(facts, step.path, place);
    }
    case 'giveBack':
      return withPlace(facts, step.path, { kind: step.kind });
    case 'giveBackFolder':
      return withPlace(facts, step.path, { kind: 'folder' });
    case 'record':
      return { ...facts, state: { schema: 1, fleet: '', epoch: 0, ...step.state } };
    default:
      return step satisfies never;
  }
}

function withTree(facts: Facts, kind: 'go' | 'modules', tree: string): Facts {
  return { ...facts, trees: { ...facts.trees, [kind]: [...facts.trees[kind], tree] } };
}

function withoutPart(facts: Facts, blob: string): Facts {
  const parts = Object.entries(facts.parts).filter(([name]) => name !== blob);
  return { ...facts, parts: Object.fromEntries(parts) };
}

function withPlace(facts: Facts, path: string, place: Place): Facts {
  return { ...facts, places: { ...facts.places, [path]: place } };
}
