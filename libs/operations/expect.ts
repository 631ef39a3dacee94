import { isGofleetError } from '#errors';
import { z } from 'zod';
import type { Facts } from './host/facts.ts';
import { stepsFor } from './operations/index.ts';
import type { ResolvedOperation } from './playbook/resolved.ts';
import type { Step } from './steps.ts';
import { refuseUnfit } from './unfit.ts';
import { goTree, wantedOn } from './wanted.ts';

/** What operations would do to a host, as sentences; none where it has everything. */
export interface Expected {
  steps: string[];
  /** Bytes that would be sent; null where that is not known. */
  bytes: number | null;
  /** Why it could not be worked on, known before a byte is sent. */
  unfit: { code: string; message: string } | undefined;
}

/** The facts of a host as they are kept for the fleet: less than a host says of itself. */
const Known = z.looseObject({
  platform: z.string(),
  root: z.string(),
  go: z.string().nullable(),
  modules: z.string().nullable(),
  goVersion: z.string().nullish(),
});

/** From what is kept of a host; undefined where too little is. Nothing that only the host knows is judged. */
export function expectKnown(
  facts: unknown,
  operations: readonly ResolvedOperation[],
): Expected | undefined {
  const known = Known.safeParse(facts).data;
  if (!known) return undefined;
  const [os = '', arch] = known.platform.split('/');
  const found = {
    os,
    arch,
    machine: arch ?? '',
    root: known.root,
    goEnv: undefined,
    active:
      known.go === null ? undefined : { generation: '', go: known.go, modules: known.modules },
  };
  return judged(() => {
    const { go, modules, env } = wantedOn(found, operations);
    const version = go?.archive.version;
    // without a go.env in the playbook the one that is there stays, and its text is not kept
    const sameGo =
      go === undefined ||
      known.go === (env ? goTree(go.archive.version, go.archive.blob, go.goEnv) : known.go);
    const isGo =
      go === undefined || (known.go?.replace(/-[0-9a-f]{12}$/, '') === version && sameGo);
    const had = known.goVersion?.replace(/^go/, '') ?? 'none';
    const steps = [
      ...(isGo ? [] : [had === version ? `go ${had}, set up anew` : `go ${had} -> ${version}`]),
      ...(modules && known.modules !== modules.tree
        ? [`modules ${known.modules ?? 'none'} -> ${modules.tree}`]
        : []),
    ];
    return { steps, bytes: steps.length === 0 ? 0 : null, unfit: undefined };
  });
}

/** From all that a host said of itself: every step, and what would keep it from being taken. */
export function expectRead(found: Facts, operations: readonly ResolvedOperation[]): Expected {
  return judged(() => {
    const steps = stepsFor('preview', wantedOn(found, operations), found);
    const told = steps.filter(({ step }) => step !== 'record').map(describeStep);
    const bytes = steps.reduce((sum, step) => sum + ('upload' in step ? left(step.upload) : 0), 0);
    try {
      refuseUnfit(found, steps);
      return { steps: told, bytes, unfit: undefined };
    } catch (error) {
      return { ...unfitFor(error), steps: told, bytes };
    }
  });
}

function judged(expect: () => Expected): Expected {
  try {
    return expect();
  } catch (error) {
    return unfitFor(error);
  }
}

function unfitFor(error: unknown): Expected {
  if (!isGofleetError(error)) throw error;
  return { steps: [], bytes: 0, unfit: { code: error.code, message: error.message } };
}

function left({ size, offset }: { size: number; offset: number }): number {
  return Math.max(0, size - offset);
}

function describeStep(step: Step): string {
  switch (step.step) {
    case 'stageGo':
      return `send Go ${step.tree}`;
    case 'linkGo':
      return `make Go ${step.tree} from ${step.from}, nothing sent`;
    case 'stageModules':
      return `send modules ${step.tree}`;
    case 'fetchSource':
      return `send the source of ${step.project}`;
    case 'activate':
      return `switch to Go ${step.go}${step.modules === null ? '' : ` with modules ${step.modules}`}`;
    case 'deactivate':
      return 'switch off';
    case 'link':
      return `link ${step.path} -> ${step.target}`;
    case 'file':
      return `write ${step.path}`;
    case 'block':
      return `write a block into ${step.path}`;
    case 'giveBack':
    case 'giveBackFolder':
      return `give back ${step.path}`;
    case 'record':
      return 'record it';
    default:
      throw new TypeError(step satisfies never);
  }
}
