import { toGofleetError, type ErrorCode, type GofleetError } from '#errors';
import type { Outcome, OutcomeState, Task, TaskKind } from '../task.ts';
import { faultsOf } from './look-over.ts';
import type { Progress } from './progress.ts';
import { summarize } from './summary.ts';

/** Errors that are faults of our own side: no outcome of the host. */
const OWN: readonly ErrorCode[] = [
  'secret_not_allowed',
  'secret_missing',
  'blob_corrupt',
  'blobs_missing',
  'bundle_invalid',
  'signature_missing',
  'signature_invalid',
  'signature_untrusted',
  'site_unavailable',
  'unavailable',
  'internal',
];

/** What broke at a jump host is ours too, whatever it was. */
function isOwn({ code, details }: GofleetError): boolean {
  return OWN.includes(code) || typeof details['jump'] === 'string';
}

/** No session, for want of an answer. */
const SILENT: readonly ErrorCode[] = ['refused', 'timeout', 'cut', 'name_unknown'];

/** Tasks on hosts that were switched before: no answer means that nobody knows how they stand. */
const LOOKING: readonly TaskKind[] = ['probe', 'bake'];

interface Ending {
  when: (error: GofleetError, task: Task, progress: Progress) => boolean;
  state: OutcomeState;
  /** Instead of the error's own. */
  code?: ErrorCode;
}

/** How a task ends that threw: the first row that fits. */
const ENDINGS: Ending[] = [
  // no outcome of the host, also where its switch began: the next claim sees how it stands
  { when: (error) => isOwn(error), state: 'released' },
  // a rollback is tried again by the conductor until its time is over
  { when: ({ code }, { task }) => task === 'rollback' && code === 'stopped', state: 'released' },
  {
    when: ({ code }, { task }) => task === 'rollback' && SILENT.includes(code),
    state: 'unreachable',
  },
  { when: (_, { task }) => task === 'rollback', state: 'rollback_failed' },
  // once the switch began, no answer means that only the host knows
  {
    when: ({ code }, _, { switched }) => switched && (SILENT.includes(code) || code === 'deadline'),
    state: 'lost',
    code: 'lost',
  },
  {
    when: ({ code }, { task }) => LOOKING.includes(task) && [...SILENT, 'deadline'].includes(code),
    state: 'lost',
  },
  // what changes nothing is given back, whoever asks to stop
  {
    when: ({ code }, { task }) => code === 'stopped' && task !== 'forward',
    state: 'released',
  },
  // asked to stop: a rollout that cancels takes the host away, all else gives it back
  {
    when: ({ code, details }) => code === 'stopped' && details['reason'] === 'cancel',
    state: 'cancelled',
  },
  { when: ({ code }) => code === 'stopped', state: 'released' },
  { when: ({ code }) => SILENT.includes(code), state: 'unreachable' },
  { when: () => true, state: 'failed' },
];

/** The outcome of a task that threw. */
export function outcomeOfError(error: unknown, task: Task, progress: Progress): Outcome {
  const fault = toGofleetError(error);
  const row = ENDINGS.find(({ when }) => when(fault, task, progress));
  const state = row?.state ?? 'failed';
  return {
    ...reached(task, progress),
    state,
    unchanged: false,
    code: row?.code ?? fault.code,
    message: fault.message,
    remedy: fault.remedy,
    ownFault: state === 'released' && isOwn(fault) ? 'site_unavailable' : undefined,
  };
}

/** The outcome of a task that came to its end. A switch of an earlier claim counts: it is not unchanged. */
export function outcomeOfEnd(task: Task, progress: Progress, unchanged: boolean): Outcome {
  return {
    ...reached(task, progress),
    state: task.task === 'rollback' ? 'rolled_back' : 'succeeded',
    unchanged: unchanged && !task.switched,
  };
}

function reached(task: Task, progress: Progress) {
  const { attempts, bytesSent, switched, before, after } = progress;
  return {
    switched,
    attempts,
    bytesSent,
    before: before && summarize(before, []),
    after: after && {
      ...summarize(after, task.operations),
      ...(task.task === 'read' && {
        found: after,
        faults: faultsOf(after, task),
        trees: progress.trees,
      }),
    },
  };
}
